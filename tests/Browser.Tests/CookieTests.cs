namespace ServerSession.Tests;

/// <summary>The session's cookie as a browser understands it, not as it is written.</summary>
public sealed class CookieTests(Chromium chromium, SharedWebHost host)
{
    [Fact]
    public async Task Cookie_in_development_is_kept_from_scripts_and_ends_with_the_browser()
    {
        await using var person = await chromium.InviteAsync(host.Site);
        var quote = await person.OpenQuoteAsync();
        var cookie = await person.CookieAsync();
        Assert.NotNull(cookie);
        Assert.StartsWith("session-WebHost-", cookie.Name, StringComparison.Ordinal);
        Assert.Equal(("/", "127.0.0.1"), (cookie.Path, cookie.Domain));
        Assert.True(cookie.HttpOnly);
        Assert.Equal(SameSiteAttribute.Lax, cookie.SameSite);
        Assert.Equal(-1, cookie.Expires);
        Assert.False(cookie.Secure);
        Assert.Equal("", await quote.Tab.EvaluateAsync<string>("document.cookie"));
    }

    [Fact]
    public async Task Form_of_another_site_posts_without_the_cookie_is_refused_and_ends_nothing()
    {
        await using var person = await chromium.InviteAsync(host.Site);
        var quote = await person.OpenQuoteAsync();
        await quote.SaveAsync("still here");
        var before = await person.CookieAsync();

        var request = await PostFromOtherSiteAsync(person, "/session/destroy");

        Assert.Equal(403, (await request.ResponseAsync())!.Status);
        var headers = await request.AllHeadersAsync();
        Assert.Equal("cross-site", headers["sec-fetch-site"]);
        Assert.DoesNotContain("cookie", headers);
        Assert.Equal(before!.Value, (await person.CookieAsync())!.Value);
        await quote.ReloadAsync();
        await quote.ShowsAsync("still here");
    }

    [Fact]
    public async Task Form_of_another_site_gives_a_browser_without_a_session_none()
    {
        await using var person = await chromium.InviteAsync(host.Site);
        var request = await PostFromOtherSiteAsync(person, "/session/increment/logins");
        Assert.Equal(403, (await request.ResponseAsync())!.Status);
        Assert.Null(await person.CookieAsync());
    }

    [Fact]
    public async Task Link_of_another_site_leads_into_the_session()
    {
        await using var person = await chromium.InviteAsync(host.Site);
        var quote = await person.OpenQuoteAsync();
        await quote.SaveAsync("found by a link");
        await using var other = new OtherSite($"<a href='{person.Site.Address}'>go</a>");
        var tab = await person.Profile.NewPageAsync();
        await tab.GotoAsync(other.Address);

        var request = await tab.RunAndWaitForRequestAsync(() => tab.GetByText("go").ClickAsync(), person.Site.Address.ToString());

        await new QuotePage(tab).ShowsAsync("found by a link");
        Assert.Contains("cookie", await request.AllHeadersAsync());
    }

    private static async Task<IRequest> PostFromOtherSiteAsync(Person person, string path)
    {
        var target = new Uri(person.Site.Address, path).ToString();
        await using var other = new OtherSite($"<form method='post' action='{target}'><button>win a prize</button></form>");
        var tab = await person.Profile.NewPageAsync();
        await tab.GotoAsync(other.Address);
        var request = await tab.RunAndWaitForRequestFinishedAsync(
            () => tab.GetByText("win a prize").ClickAsync(),
            new PageRunAndWaitForRequestFinishedOptions { Predicate = request => request.Url == target });
        Assert.Equal("POST", request.Method);
        return request;
    }
}
