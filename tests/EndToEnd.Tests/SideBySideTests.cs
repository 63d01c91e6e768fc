using System.Net;

namespace ServerSession.Tests;

/// <summary>Several processes on one machine.</summary>
public sealed class SideBySideTests
{
    [Fact]
    public async Task Webhosts_with_ports_and_folders_of_their_own_do_not_know_each_other()
    {
        using var leftFolder = new TempFolder();
        using var rightFolder = new TempFolder();
        var left = new WebHostSite(leftFolder.Path);
        var right = new WebHostSite(rightFolder.Path);
        await using var leftProcess = await left.StartAsync();
        await using var rightProcess = await right.StartAsync();
        using var leftBrowser = left.Browse();
        using var rightBrowser = right.Browse();

        await leftBrowser.SaveQuoteAsync("left");
        await rightBrowser.SaveQuoteAsync("right");

        Assert.Equal("left", await leftBrowser.ReadQuoteAsync());
        Assert.Equal("right", await rightBrowser.ReadQuoteAsync());
        using var stranger = right.Browse();
        var cookie = leftBrowser.Cookies.GetCookieHeader(left.Address);
        await Browser.ProblemAsync(await stranger.GetAsync("/session", ("Cookie", cookie)), HttpStatusCode.NotFound);
    }

    /// <summary>Cookies do not know ports: under one name, each of the two would overwrite the other's.</summary>
    [Fact]
    public async Task Browser_keeps_the_sessions_of_two_webhosts_on_one_machine_and_over_a_restart_on_other_ports()
    {
        using var folder = new TempFolder();
        var left = new WebHostSite(folder.Path);
        var right = new WebHostSite(folder.Path);
        var moved = new WebHostSite(folder.Path);
        await using var leftProcess = await left.StartAsync();
        await using var rightProcess = await right.StartAsync("--ServerSession:DataDirectory=data2");
        using var browser = left.Browse();
        Uri At(WebHostSite site) => new(site.Address, "/session/quote/update");

        async Task SaveAsync(WebHostSite site, string quote) =>
            Assert.Equal(quote, await Browser.TextAsync(await browser.PutAsync(At(site).ToString(), quote)));

        async Task<string> ReadAsync(WebHostSite site) =>
            await Browser.TextAsync(await browser.GetAsync(new Uri(site.Address, "/session/quote").ToString()));

        await SaveAsync(left, "left");
        await SaveAsync(right, "right");

        Assert.Equal("left", await ReadAsync(left));
        Assert.Equal("right", await ReadAsync(right));
        await rightProcess.KillAsync();
        await using var movedProcess = await moved.StartAsync("--ServerSession:DataDirectory=data2");
        Assert.Equal("right", await ReadAsync(moved));
        Assert.Equal("left", await ReadAsync(left));
    }

    [Fact]
    public async Task Frontend_client_of_a_silo_keeps_the_session_over_its_own_restart()
    {
        using var folder = new TempFolder();
        var silo = new WebHostSite(folder.Path);
        await using var siloProcess = await HostProcess.StartAsync("Silo", folder.Path, silo.Arguments);
        var frontend = new WebHostSite(folder.Path);
        string[] client =
        [
            "--ServerSession:Mode=Client",
            "--Orleans:Clustering:ProviderType=Static",
            $"--Orleans:Clustering:Gateways:0=127.0.0.1:{silo.GatewayPort}",
        ];
        await using var first = await frontend.StartReadyAsync(client);
        using var browser = frontend.Browse();
        await browser.SaveQuoteAsync("kept by the silo");

        await first.KillAsync();
        await using var second = await frontend.StartReadyAsync(client);

        Assert.Equal("kept by the silo", await browser.ReadQuoteAsync());
        Assert.Equal("Healthy", await Browser.TextAsync(await browser.GetAsync("/health/ready")));
    }

    [Fact(Timeout = 240_000)]
    public async Task Frontend_whose_silo_died_is_not_ready_and_answers_503_until_the_silo_is_back()
    {
        using var folder = new TempFolder();
        var silo = new WebHostSite(folder.Path);
        await using var first = await HostProcess.StartAsync("Silo", folder.Path, silo.Arguments);
        var frontend = new WebHostSite(folder.Path);
        await using var process = await frontend.StartReadyAsync(
            "--ServerSession:Mode=Client", $"--Orleans:Endpoints:GatewayPort={silo.GatewayPort}", "--ServerSession:RetryBudget=00:00:06");
        using var browser = frontend.Browse();
        await browser.SaveQuoteAsync("kept by the silo");

        await first.KillAsync();
        await Browser.ProblemAsync(await browser.GetAsync("/session/quote"), HttpStatusCode.ServiceUnavailable);
        await Browser.ProblemAsync(await browser.GetAsync("/health/ready"), HttpStatusCode.ServiceUnavailable);

        await using var second = await HostProcess.StartAsync("Silo", folder.Path, silo.Arguments);
        HttpResponseMessage answer;
        do
        {
            // Each try waits inside the frontend for the cluster, so this does not spin.
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            answer = await browser.GetAsync("/session/quote");
        }
        while (answer.StatusCode == HttpStatusCode.ServiceUnavailable);

        Assert.Equal("kept by the silo", await Browser.TextAsync(answer));
    }
}
