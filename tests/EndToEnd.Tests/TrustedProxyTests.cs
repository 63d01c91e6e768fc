using System.Net;

namespace ServerSession.Tests;

/// <summary>What a proxy says of the browser's request counts where the operator trusts that proxy, and nowhere else.</summary>
public sealed class TrustedProxyTests
{
    private static Task<HttpResponseMessage> PutAsync(Browser browser, string origin, string forwardedHost) => browser.PutAsync(
        "/session/quote/update", "a", ("Origin", origin), ("X-Forwarded-Host", forwardedHost), ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "192.0.2.7"));

    [Fact]
    public async Task Host_reported_by_a_trusted_proxy_counts()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using var process = await site.StartAsync("--ServerSession:TrustedProxies:0=192.0.2.1", "--ServerSession:TrustedProxies:1=127.0.0.0/8");
        using var browser = site.Browse();

        Assert.Equal("a", await Browser.TextAsync(await PutAsync(browser, "https://shop.example", "shop.example")));
        Assert.Equal("a", await Browser.TextAsync(await PutAsync(browser, "https://shop.example", "shop.example:443")));
        Assert.Contains("\"shop.example\"", await Browser.ProblemAsync(await PutAsync(browser, "https://evil.example", "shop.example"), HttpStatusCode.Forbidden), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_reported_by_anybody_else_does_not_count()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using var process = await site.StartAsync("--ServerSession:TrustedProxies:0=192.0.2.1");
        using var browser = site.Browse();

        await Browser.ProblemAsync(await PutAsync(browser, "https://shop.example", "shop.example"), HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Proxy_that_is_no_address_is_refused_at_start()
    {
        using var folder = new TempFolder();

        var (exitCode, output) = await HostProcess.RunAsync(
            "WebHost", folder.Path, [.. new WebHostSite(folder.Path).Arguments, "--ServerSession:TrustedProxies:0=proxy.internal", "--ServerSession:TrustedProxies:1=10.0.0.0/40"]);

        Assert.NotEqual(0, exitCode);
        Assert.Contains("ServerSession:TrustedProxies:0 is \"proxy.internal\"", output, StringComparison.Ordinal);
        Assert.Contains("ServerSession:TrustedProxies:1 is \"10.0.0.0/40\"", output, StringComparison.Ordinal);
        Assert.Contains("10.0.0.0/8", output, StringComparison.Ordinal);
    }
}
