using System.Globalization;
using System.Net;

namespace ServerSession.Tests;

/// <summary>What each address answers: status, body, content type.</summary>
[Collection(SharedWebHostCollection.Name)]
public sealed class RouteTests(SharedWebHost host)
{
    [Fact]
    public async Task Quote_of_a_new_session_is_the_initial_one_and_is_not_cached()
    {
        using var browser = host.Site.Browse();
        using var response = await browser.GetAsync("/session/quote");
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        Assert.Contains("HttpOnly", Assert.Single(response.Headers.GetValues("Set-Cookie")), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("initial quote", await Browser.TextAsync(response));
    }

    [Fact]
    public async Task Update_returns_the_quote_and_a_read_sees_it()
    {
        using var browser = host.Site.Browse();
        await browser.SaveQuoteAsync("Ein Satz über ﷺ und 🎭,\r\nin zwei Zeilen");
        Assert.Equal("Ein Satz über ﷺ und 🎭,\r\nin zwei Zeilen", await browser.ReadQuoteAsync());
    }

    [Fact]
    public async Task Update_with_an_empty_body_saves_an_empty_quote()
    {
        using var browser = host.Site.Browse();
        await browser.SaveQuoteAsync("");
        Assert.Equal("", await browser.ReadQuoteAsync());
    }

    [Fact]
    public async Task Increment_by_parallel_requests_of_one_session_counts_them_all()
    {
        using var browser = host.Site.Browse();
        await browser.SaveQuoteAsync("the session exists");
        var numbers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
            long.Parse(await Browser.TextAsync(await browser.PostAsync("/session/increment/visits")), CultureInfo.InvariantCulture)));
        Assert.Equal(Enumerable.Range(1, 20).Select(static number => (long)number), numbers.Order());
        Assert.Equal("20", await Browser.TextAsync(await browser.GetAsync("/session/data/visits")));
    }

    [Fact]
    public async Task Increment_of_text_that_is_no_number_is_refused_and_keeps_it()
    {
        using var browser = host.Site.Browse();
        await browser.PutAsync("/session/data/word", "seven");
        using var response = await browser.PostAsync("/session/increment/word");
        Assert.InRange((int)response.StatusCode, 400, 499);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("seven", await Browser.TextAsync(await browser.GetAsync("/session/data/word")));
    }

    [Theory]
    [InlineData("color")]
    [InlineData("a/b/c")]
    [InlineData("%C3%A9t%C3%A9")]
    [InlineData("with%20space")]
    [InlineData("100%25")]
    public async Task Data_of_any_key_is_put_read_and_deleted(string key)
    {
        using var browser = host.Site.Browse();
        var path = $"/session/data/{key}";
        await Browser.ProblemAsync(await browser.GetAsync(path), HttpStatusCode.NotFound);

        using var put = await browser.PutAsync(path, "bleu");
        Assert.Equal(HttpStatusCode.NoContent, put.StatusCode);
        Assert.Equal("bleu", await Browser.TextAsync(await browser.GetAsync(path)));
        Assert.Equal(Uri.UnescapeDataString(key), Assert.Single((await browser.DescribeAsync()).GetProperty("keys").EnumerateArray()).GetString());

        using var delete = await browser.DeleteAsync(path);
        Assert.Equal(HttpStatusCode.NoContent, delete.StatusCode);
        await Browser.ProblemAsync(await browser.GetAsync(path), HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("a/b", "a%2Fb", "a%2fb", "%61/b", "%61%2F%62")]
    [InlineData("a%2Fb", "a%252Fb", "a%252%46b")]
    [InlineData("%FF", "%25FF", "%25%46F")]
    [InlineData("été", "%C3%A9t%C3%A9")]
    [InlineData("🎭", "%F0%9F%8E%AD")]
    [InlineData("a+b c?#&=;", "a+b%20c%3F%23&=;")]
    [InlineData("a/", "a%2F", "a/")]
    [InlineData("/a", "%2Fa")]
    [InlineData("a//b", "a//b", "a%2F/b")]
    public async Task Key_of_data_in_a_path_is_the_decoded_text_however_it_is_escaped(string key, params string[] spellings)
    {
        using var browser = host.Site.Browse();
        await browser.SaveQuoteAsync("the session exists");
        var cookie = browser.Cookies.GetCookieHeader(host.Site.Address);
        foreach (var spelling in spellings)
        {
            // By hand, because a client decodes and escapes a path as it thinks best.
            var text = $"by {spelling}";
            Assert.Contains(" 204 ", await SendAsync("PUT", $"/session/data/{spelling}", cookie, text), StringComparison.Ordinal);
            Assert.Equal([key, "quote"], (await browser.DescribeAsync()).GetProperty("keys").EnumerateArray().Select(static name => name.GetString()!).OrderBy(name => name == "quote"));
            foreach (var other in spellings)
            {
                Assert.EndsWith(text, await SendAsync("GET", $"/session/data/{other}", cookie), StringComparison.Ordinal);
                Assert.EndsWith(text, await SendAsync("GET", $"{host.Site.Address}session/data/{other}?a=b", cookie), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("%")]
    [InlineData("%4")]
    [InlineData("a%zz")]
    [InlineData("%+1")]
    [InlineData("% 1")]
    [InlineData("%FF")]
    [InlineData("%C3")]
    [InlineData("%C0%AF")]
    [InlineData("%ED%A0%BD")]
    [InlineData("a/../b")]
    [InlineData("a/%2E%2e/b")]
    [InlineData("a/.")]
    public async Task Key_of_data_that_is_malformed_is_400_and_starts_no_session(string key)
    {
        foreach (var (method, path) in new[] { ("PUT", "/session/data/"), ("GET", "/session/data/"), ("DELETE", "/session/data/"), ("POST", "/session/increment/") })
        {
            var answer = await SendAsync(method, path + key, cookie: null, "text");
            Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("Set-Cookie", answer, StringComparison.OrdinalIgnoreCase);
        }
    }

    private Task<string> SendAsync(string method, string target, string? cookie, string body = "") => RawHttp.SendAsync(
        host.Site.HttpPort,
        $"{method} {target} HTTP/1.1\r\nHost: {host.Site.Address.Authority}\r\nConnection: close\r\n{(cookie is null ? "" : $"Cookie: {cookie}\r\n")}" +
        $"Content-Type: text/plain\r\nContent-Length: {body.Length}\r\n\r\n{body}");

    [Fact]
    public async Task Session_is_described_as_json()
    {
        using var browser = host.Site.Browse();
        await browser.SaveQuoteAsync("described");
        await browser.PutAsync("/session/data/color", "blue");

        var session = await browser.DescribeAsync();

        Assert.False(string.IsNullOrEmpty(session.GetProperty("id").GetString()));
        var created = session.GetProperty("createdAt").GetDateTimeOffset();
        var expires = session.GetProperty("expiresAt").GetDateTimeOffset();
        Assert.True(expires > created.AddMinutes(19));
        Assert.InRange(session.GetProperty("remainingSeconds").GetInt32(), 19 * 60, 20 * 60);
        Assert.Equal(["color", "quote"], session.GetProperty("keys").EnumerateArray().Select(static key => key.GetString()!));
        var token = browser.Cookies.GetCookies(host.Site.Address).Single().Value;
        Assert.DoesNotContain(token, session.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_that_is_not_there_is_404_and_starts_none()
    {
        using var browser = host.Site.Browse();
        await Browser.ProblemAsync(await browser.GetAsync("/session"), HttpStatusCode.NotFound);
        await browser.DeleteAsync("/session/data/nothing");
        Assert.Empty(browser.Cookies.GetCookies(host.Site.Address));
    }

    [Fact]
    public async Task Rotate_gives_a_new_cookie_and_the_old_one_opens_nothing()
    {
        using var browser = host.Site.Browse();
        await browser.SaveQuoteAsync("rotated");
        var id = (await browser.DescribeAsync()).GetProperty("id").GetString();
        var old = browser.Cookies.GetCookieHeader(host.Site.Address);

        using var response = await browser.PostAsync("/session/rotate");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.NotEqual(old, browser.Cookies.GetCookieHeader(host.Site.Address));
        Assert.Equal("rotated", await browser.ReadQuoteAsync());
        Assert.Equal(id, (await browser.DescribeAsync()).GetProperty("id").GetString());
        using var thief = host.Site.Browse();
        await Browser.ProblemAsync(await thief.GetAsync("/session", ("Cookie", old)), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Destroy_ends_the_session_and_tells_the_browser_to_forget()
    {
        using var browser = host.Site.Browse();
        await browser.SaveQuoteAsync("destroyed");
        var old = browser.Cookies.GetCookieHeader(host.Site.Address);

        using var response = await browser.PostAsync("/session/destroy");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Contains("cache", response.Headers.GetValues("Clear-Site-Data").Single(), StringComparison.Ordinal);
        Assert.Empty(browser.Cookies.GetCookies(host.Site.Address));
        using var thief = host.Site.Browse();
        await Browser.ProblemAsync(await thief.GetAsync("/session", ("Cookie", old)), HttpStatusCode.NotFound);
        Assert.Equal("initial quote", await browser.ReadQuoteAsync());
    }

    [Fact]
    public async Task Destroy_with_delay_is_done_before_the_answer()
    {
        var browser = host.Site.Browse();
        await browser.SaveQuoteAsync("slowly destroyed");
        var cookie = browser.Cookies.GetCookieHeader(host.Site.Address);
        using var observer = host.Site.Browse();

        // The longest delay, which nobody waits for: the browser goes when the session is gone.
        var slow = browser.PostAsync("/session/destroy?delayMs=30000");
        var seen = HttpStatusCode.OK;
        while (seen == HttpStatusCode.OK && !slow.IsCompleted)
        {
            seen = (await observer.GetAsync("/session", ("Cookie", cookie))).StatusCode;
        }

        Assert.Equal(HttpStatusCode.NotFound, seen);
        Assert.False(slow.IsCompleted, "The answer came before its delay.");
        browser.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow);
    }

    [Fact]
    public async Task Destroy_with_delay_is_answered_204_when_that_is_over()
    {
        using var browser = host.Site.Browse();
        await browser.SaveQuoteAsync("destroyed");
        var began = TimeProvider.System.GetTimestamp();

        using var answer = await browser.PostAsync("/session/destroy?delayMs=300");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.True(TimeProvider.System.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(300), "The answer came before its delay.");
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("30001")]
    [InlineData("soon")]
    [InlineData("")]
    public async Task Destroy_with_a_delay_out_of_range_is_400_and_destroys_nothing(string delay)
    {
        using var browser = host.Site.Browse();
        await browser.SaveQuoteAsync("kept");
        Assert.Contains("30000", await Browser.ProblemAsync(await browser.PostAsync($"/session/destroy?delayMs={delay}"), HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Equal("kept", await browser.ReadQuoteAsync());
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Health_of_a_running_host_is_healthy(string path)
    {
        using var browser = host.Site.Browse();
        Assert.Equal("Healthy", await Browser.TextAsync(await browser.GetAsync(path)));
    }

    [Theory]
    [InlineData("/health/live", "GET", 200)]
    [InlineData("/health/live", "HEAD", 200)]
    [InlineData("/health/live", "POST", 405)]
    [InlineData("/health/ready", "HEAD", 200)]
    [InlineData("/health/ready", "PUT", 405)]
    [InlineData("/health/ready", "DELETE", 405)]
    public async Task Health_answers_reads_only(string path, string method, int status)
    {
        using var browser = host.Site.Browse();

        using var response = await browser.SendAsync(new HttpMethod(method), path);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 405 ? "GET, HEAD" : "", string.Join(", ", response.Content.Headers.Allow));
    }
}
