using System.Net;

namespace ServerSession.Tests;

/// <summary>Every address with the cookie of a session that has ended: nobody is locked out, and nothing comes back.</summary>
[Collection(SharedWebHostCollection.Name)]
public sealed class EndedSessionRouteTests(SharedWebHost host)
{
    [Theory]
    [InlineData("GET", "/session/quote", 200, "initial quote", true)]
    [InlineData("PUT", "/session/quote/update", 200, "text", true)]
    [InlineData("POST", "/session/increment/visits", 200, "1", true)]
    [InlineData("PUT", "/session/data/color", 204, "", true)]
    [InlineData("GET", "/session/data/secret", 404, null, false)]
    [InlineData("DELETE", "/session/data/secret", 204, "", false)]
    [InlineData("POST", "/session/rotate", 404, null, false)]
    [InlineData("GET", "/session", 404, null, false)]
    public async Task Route_after_the_session_ended_starts_a_fresh_one_or_finds_none(string method, string path, int status, string? body, bool starts)
    {
        var cookie = await EndedAsync();
        using var user = host.Site.Browse();
        using var response = await user.SendAsync(new HttpMethod(method), path, method == "PUT" ? new StringContent("text") : null, ("Cookie", cookie));

        Assert.Equal(status, (int)response.StatusCode);
        if (body is not null)
        {
            Assert.Equal(body, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(starts, response.Headers.TryGetValues("Set-Cookie", out var cookies));
        if (starts)
        {
            Assert.DoesNotContain(cookie, Assert.Single(cookies!), StringComparison.Ordinal);
            await Browser.ProblemAsync(await user.GetAsync("/session/data/secret"), HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task Destroy_after_the_session_ended_is_204_and_expires_the_cookie()
    {
        var cookie = await EndedAsync();
        using var user = host.Site.Browse();

        using var response = await user.PostAsync("/session/destroy", ("Cookie", cookie));

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Contains("expires=Thu, 01 Jan 1970", Assert.Single(response.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
    }

    /// <summary>A path or domain of the cookie that was changed leaves the browser with two cookies of the name.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cookies_of_which_one_is_dead_find_the_session(bool deadFirst)
    {
        var dead = await EndedAsync();
        using var browser = host.Site.Browse();
        await browser.SaveQuoteAsync("alive");
        var live = browser.Cookies.GetCookieHeader(host.Site.Address);
        using var user = host.Site.Browse();

        Assert.Equal("alive", await Browser.TextAsync(await user.GetAsync("/session/quote", ("Cookie", deadFirst ? $"{dead}; {live}" : $"{live}; {dead}"))));
    }

    private async Task<string> EndedAsync()
    {
        using var browser = host.Site.Browse();
        await browser.PutAsync("/session/data/secret", "of the dead");
        var cookie = browser.Cookies.GetCookieHeader(host.Site.Address);
        Assert.Equal(HttpStatusCode.NoContent, (await browser.PostAsync("/session/destroy")).StatusCode);
        return cookie;
    }
}
