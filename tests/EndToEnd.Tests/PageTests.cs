using System.Net;
using System.Text.RegularExpressions;

namespace ServerSession.Tests;

/// <summary>The pages: what a browser loads, and what it may do with it.</summary>
[Collection(SharedWebHostCollection.Name)]
public sealed partial class PageTests(SharedWebHost host)
{
    [Theory]
    [InlineData("/")]
    [InlineData("/manage")]
    public async Task Page_is_html_without_inline_script_or_style_and_all_it_loads_exists(string path)
    {
        using var browser = host.Site.Browse();
        using var response = await browser.GetAsync(path);
        var html = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch(InlineCode(), html);
        var links = Links().Matches(html).Select(static match => match.Groups[1].Value).Distinct().ToArray();
        Assert.Contains("/assets/site.css", links);
        Assert.Contains(path == "/" ? "/manage" : "/", links);
        foreach (var link in links)
        {
            using var linked = await browser.GetAsync(link);
            Assert.True(linked.IsSuccessStatusCode, $"{link}: {(int)linked.StatusCode}");
        }
    }

    [Fact]
    public async Task Pages_hold_nothing_of_the_session_and_start_none()
    {
        using var browser = host.Site.Browse();
        using var stranger = host.Site.Browse();
        await browser.SaveQuoteAsync("only for me");
        foreach (var path in new[] { "/", "/manage" })
        {
            using var mine = await browser.GetAsync(path);
            using var theirs = await stranger.GetAsync(path);
            Assert.Equal(await theirs.Content.ReadAsStringAsync(), await mine.Content.ReadAsStringAsync());
        }

        Assert.Empty(stranger.Cookies.GetCookies(host.Site.Address));
    }

    [Fact]
    public async Task Quote_that_is_prefetched_starts_no_session()
    {
        using var browser = host.Site.Browse();
        using var response = await browser.GetAsync("/session/quote", ("Sec-Purpose", "prefetch"));
        Assert.Empty(browser.Cookies.GetCookies(host.Site.Address));
        Assert.False(response.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Manage_offers_the_way_back_for_preloading()
    {
        using var browser = host.Site.Browse();
        using var page = await browser.GetAsync("/manage");
        var rules = Assert.Single(page.Headers.GetValues("Speculation-Rules")).Trim('"');
        using var response = await browser.GetAsync(rules);
        Assert.Equal("application/speculationrules+json", response.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task Page_that_is_unchanged_is_304()
    {
        using var browser = host.Site.Browse();
        using var first = await browser.GetAsync("/");
        using var second = await browser.GetAsync("/", ("If-None-Match", first.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [GeneratedRegex("""(?:href|src)="(/[^"]*)""")]
    private static partial Regex Links();

    [GeneratedRegex("""<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:""", RegexOptions.IgnoreCase)]
    private static partial Regex InlineCode();
}
