using System.Net;

namespace ServerSession.Tests;

/// <summary>The main job: what a person saved is there after the process died, with the cookie the browser already has.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task Quote_of_a_killed_process_is_there_after_the_restart()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using var first = await site.StartAsync();
        using var browser = site.Browse();
        Assert.Equal("initial quote", await browser.ReadQuoteAsync());
        await browser.SaveQuoteAsync("To be, or not to be – “that” is the question. 🎭");
        var before = await browser.DescribeAsync();

        await first.KillAsync();
        await using var second = await site.StartAsync();

        Assert.Equal("To be, or not to be – “that” is the question. 🎭", await browser.ReadQuoteAsync());
        var after = await browser.DescribeAsync();
        Assert.Equal(before.GetProperty("id").GetString(), after.GetProperty("id").GetString());
        Assert.Equal(before.GetProperty("createdAt").GetDateTimeOffset(), after.GetProperty("createdAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task Quote_of_a_terminated_process_that_exits_0_is_there_after_the_restart()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using var first = await site.StartAsync();
        using var browser = site.Browse();
        await browser.SaveQuoteAsync("saved before a planned shutdown");

        Assert.Equal(0, await first.TerminateAsync());
        await using var second = await site.StartAsync();

        Assert.Equal("saved before a planned shutdown", await browser.ReadQuoteAsync());
    }

    [Fact]
    public async Task Session_destroyed_before_the_kill_of_its_process_stays_gone_after_the_restart()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using var first = await site.StartAsync();
        using var browser = site.Browse();
        await browser.SaveQuoteAsync("to be forgotten");
        var cookie = browser.Cookies.GetCookieHeader(site.Address);
        Assert.Equal(HttpStatusCode.NoContent, (await browser.PostAsync("/session/destroy")).StatusCode);

        await first.KillAsync();
        await using var second = await site.StartAsync();

        using var thief = site.Browse();
        await Browser.ProblemAsync(await thief.GetAsync("/session", ("Cookie", cookie)), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Host_whose_log_of_the_store_was_removed_refuses_and_is_not_ready_and_keeps_what_it_acknowledged()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using var first = await site.StartAsync("--ServerSession:RetryBudget=00:00:06");
        using var browser = site.Browse();
        await browser.SaveQuoteAsync("acknowledged");
        var log = Path.Combine(folder.Path, "data", "sessions.db-wal");
        File.Delete(log);

        HttpResponseMessage? ready = null;
        await Eventually.HoldsAsync(
            async () => !(ready = await browser.GetAsync("/health/ready")).IsSuccessStatusCode,
            static () => "the host noticed that the log of its store is gone");

        Assert.Contains(log, await Browser.ProblemAsync(ready!, HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
        await Browser.ProblemAsync(await browser.PutAsync("/session/quote/update", "not acknowledged"), HttpStatusCode.ServiceUnavailable);
        Assert.Equal(0, await first.TerminateAsync());

        await using var second = await site.StartAsync();
        Assert.Equal("acknowledged", await browser.ReadQuoteAsync());
    }
}
