using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ServerSession.Tests;

/// <summary>What the WebHost refuses, and that it says so in problem details.</summary>
[Collection(SharedWebHostCollection.Name)]
public sealed class RefusalTests(SharedWebHost host)
{
    public static TheoryData<string, string> StateChanging => new()
    {
        { "PUT", "/session/quote/update" },
        { "POST", "/session/increment/n" },
        { "PUT", "/session/data/color" },
        { "DELETE", "/session/data/color" },
        { "POST", "/session/rotate" },
        { "POST", "/session/destroy" },
    };

    [Theory]
    [MemberData(nameof(StateChanging))]
    public async Task Request_from_another_site_is_403_and_changes_nothing(string method, string path)
    {
        using var browser = host.Site.Browse();
        await browser.SaveQuoteAsync("untouched");
        await browser.PutAsync("/session/data/color", "blue");
        var before = browser.Cookies.GetCookieHeader(host.Site.Address);
        (string, string)[][] foreign =
        [
            [("Sec-Fetch-Site", "cross-site")],
            [("Sec-Fetch-Site", "same-site")],
            [("Sec-Fetch-Site", "cross-site"), ("Origin", host.Site.Address.GetLeftPart(UriPartial.Authority))],
            [("Origin", "https://evil.example")],
            [("Origin", "null")],
        ];
        foreach (var headers in foreign)
        {
            await Browser.ProblemAsync(await browser.SendAsync(new HttpMethod(method), path, null, headers), HttpStatusCode.Forbidden);
        }

        Assert.Equal("untouched", await browser.ReadQuoteAsync());
        Assert.Equal("blue", await Browser.TextAsync(await browser.GetAsync("/session/data/color")));
        Assert.Equal(before, browser.Cookies.GetCookieHeader(host.Site.Address));
    }

    [Fact]
    public async Task Request_of_the_same_origin_is_served()
    {
        using var browser = host.Site.Browse();
        Assert.Equal("a", await Browser.TextAsync(await browser.PutAsync("/session/quote/update", "a", ("Sec-Fetch-Site", "same-origin"))));
        Assert.Equal("b", await Browser.TextAsync(await browser.PutAsync("/session/quote/update", "b", ("Sec-Fetch-Site", "none"))));
        Assert.Equal("c", await Browser.TextAsync(await browser.PutAsync(
            "/session/quote/update", "c", ("Origin", host.Site.Address.GetLeftPart(UriPartial.Authority)))));
    }

    [Fact]
    public async Task Page_of_another_site_starts_no_session()
    {
        using var browser = host.Site.Browse();

        foreach (var mode in new[] { "no-cors", "navigate" })
        {
            using var response = await browser.GetAsync("/session/quote", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", mode));
            Assert.False(response.Headers.Contains("Set-Cookie"));
            Assert.Contains("another site", await Browser.ProblemAsync(response, HttpStatusCode.Forbidden), StringComparison.Ordinal);
        }

        await browser.SaveQuoteAsync("mine");
        Assert.Equal("mine", await Browser.TextAsync(await browser.GetAsync("/session/quote", ("Sec-Fetch-Site", "cross-site"))));
    }

    /// <summary>How a browser spells a site, how a proxy does, and whether both are one.</summary>
    [Theory]
    [InlineData("https://shop.example", "shop.example:443", true)]
    [InlineData("https://shop.example", "shop.example", true)]
    [InlineData("https://shop.example:443", "shop.example", true)]
    [InlineData("http://shop.example", "shop.example:80", true)]
    [InlineData("http://shop.example:80", "SHOP.example", true)]
    [InlineData("https://shop.example:8443", "shop.example:8443", true)]
    [InlineData("https://xn--mller-kva.example", "xn--mller-kva.example", true)]
    [InlineData("https://XN--MLLER-KVA.example", "xn--mller-kva.example:443", true)]
    [InlineData("http://[::1]:5000", "[::1]:5000", true)]
    [InlineData("https://shop.example", "shop.example:80", false)]
    [InlineData("http://shop.example", "shop.example:443", false)]
    [InlineData("https://shop.example:8443", "shop.example", false)]
    [InlineData("https://shop.example", "shop.example.evil", false)]
    [InlineData("https://evil.example", "shop.example", false)]
    [InlineData("https://shop.example@evil.example", "shop.example", false)]
    [InlineData("https://shop.example/", "shop.example", false)]
    [InlineData("https://shop.example/path", "shop.example", false)]
    [InlineData("ftp://shop.example", "shop.example", false)]
    [InlineData("file://", "shop.example", false)]
    [InlineData("null", "null", false)]
    [InlineData("", "shop.example", false)]
    [InlineData("shop.example", "shop.example", false)]
    public async Task Origin_and_host_are_one_site_however_they_are_spelled(string origin, string requested, bool same)
    {
        var answer = await RawHttp.SendAsync(
            host.Site.HttpPort, $"PUT /session/quote/update HTTP/1.1\r\nHost: {requested}\r\nOrigin: {origin}\r\nConnection: close\r\nContent-Length: 1\r\n\r\na");

        Assert.StartsWith(same ? "HTTP/1.1 200 " : "HTTP/1.1 403 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_that_was_rewritten_is_a_403_that_names_both_and_the_fix()
    {
        using var browser = host.Site.Browse();

        var detail = await Browser.ProblemAsync(
            await browser.PutAsync("/session/quote/update", "a", ("Origin", "https://shop.example"), ("X-Forwarded-Host", "shop.example"), ("X-Forwarded-Proto", "https")),
            HttpStatusCode.Forbidden);

        Assert.Contains("\"https://shop.example\"", detail, StringComparison.Ordinal);
        Assert.Contains($"\"127.0.0.1:{host.Site.HttpPort}\"", detail, StringComparison.Ordinal);
        Assert.Contains("ServerSession:TrustedProxies", detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/session/quote/update", true)]
    [InlineData("/session/quote/update", false)]
    [InlineData("/session/data/big", true)]
    [InlineData("/session/data/big", false)]
    public async Task Body_over_the_value_limit_is_413_and_at_the_limit_is_saved(string path, bool chunked)
    {
        using var browser = host.Site.Browse();
        await browser.SaveQuoteAsync("small");
        var detail = await Browser.ProblemAsync(await PutBytesAsync(browser, path, new byte[65 * 1024], chunked), HttpStatusCode.RequestEntityTooLarge);
        Assert.Contains("65536", detail, StringComparison.Ordinal);
        Assert.Equal("small", await browser.ReadQuoteAsync());

        var most = Encoding.UTF8.GetBytes(new string('é', 32 * 1024));
        using var response = await PutBytesAsync(browser, path, most, chunked);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Body_over_the_limit_is_answered_before_it_is_sent()
    {
        using var client = new TcpClient("127.0.0.1", host.Site.HttpPort);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"PUT /session/data/huge HTTP/1.1\r\nHost: 127.0.0.1:{host.Site.HttpPort}\r\nContent-Length: 1000000000\r\n\r\n"));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.StartsWith("HTTP/1.1 413 ", await reader.ReadLineAsync().WaitAsync(Eventually.Patience), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/session/quote/update")]
    [InlineData("/session/data/text")]
    public async Task Body_that_is_not_utf8_is_400(string path)
    {
        using var browser = host.Site.Browse();
        var detail = await Browser.ProblemAsync(await PutBytesAsync(browser, path, [0x61, 0xc3, 0x28], chunked: false), HttpStatusCode.BadRequest);
        Assert.Contains("UTF-8", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_over_the_limit_is_413()
    {
        using var browser = host.Site.Browse();
        await Browser.ProblemAsync(await browser.PutAsync($"/session/data/{new string('k', 257)}", "x"), HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [InlineData("GET", "/nowhere", HttpStatusCode.NotFound)]
    [InlineData("GET", "/session/data/", HttpStatusCode.NotFound)]
    [InlineData("POST", "/", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/session/destroy", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/session/quote", HttpStatusCode.MethodNotAllowed)]
    public async Task Route_or_method_that_is_unknown_is_a_problem(string method, string path, HttpStatusCode status)
    {
        using var browser = host.Site.Browse();
        foreach (var accept in new[] { "text/html,application/xhtml+xml", "text/plain", "*/*" })
        {
            await Browser.ProblemAsync(await browser.SendAsync(new HttpMethod(method), path, null, ("Accept", accept)), status);
        }
    }

    private static Task<HttpResponseMessage> PutBytesAsync(Browser browser, string path, byte[] bytes, bool chunked)
    {
        var content = new ByteArrayContent(bytes);
        return chunked
            ? browser.SendAsync(HttpMethod.Put, path, new StreamContent(new UnknownLengthStream(bytes)))
            : browser.SendAsync(HttpMethod.Put, path, content);
    }

    /// <summary>A body whose length the client does not know, so that it is sent in chunks.</summary>
    private sealed class UnknownLengthStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
