using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace ServerSession.Tests;

/// <summary>A host that is asked to shut down loses no request, has an end, and says no more than there is to say.</summary>
public sealed partial class ShutdownTests
{
    private const int EndedBySigterm = 128 + 15;

    [Fact]
    public async Task Sigterm_turns_the_host_not_ready_while_it_serves_on_and_a_second_one_ends_it_at_once()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using var process = await site.StartAsync("--ServerSession:DrainDelay=00:09:00");
        using var browser = site.Browse();
        await browser.SaveQuoteAsync("still here");

        process.Terminate();
        await process.WaitForOutputAsync("not ready any more");

        using (var ready = await browser.GetAsync("/health/ready"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            Assert.Contains("shutting down", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.True(ready.Headers.ConnectionClose, "The answer keeps a connection open that is about to be closed.");
        }

        using (var live = await browser.GetAsync("/health/live"))
        {
            Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        }

        Assert.Equal("still here", await browser.ReadQuoteAsync());
        Assert.Null(process.ExitCode);
        Assert.Equal(EndedBySigterm, await process.TerminateAsync());
    }

    [Fact]
    public async Task Sigterm_ends_a_silo_with_0_and_a_second_one_while_it_drains_at_once()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using (var orderly = await HostProcess.StartAsync("Silo", folder.Path, site.Arguments))
        {
            Assert.Equal(0, await orderly.TerminateAsync());
            AssertQuiet(orderly.Output);
        }

        await using var process = await HostProcess.StartAsync("Silo", folder.Path, [.. site.Arguments, "--ServerSession:DrainDelay=00:09:00"]);
        process.Terminate();
        await process.WaitForOutputAsync("not ready any more");

        Assert.Null(process.ExitCode);
        Assert.Equal(EndedBySigterm, await process.TerminateAsync());
    }

    [Fact]
    public async Task Sigterm_during_a_request_lets_it_be_answered_and_exits_0()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using var process = await site.StartAsync();
        using var browser = site.Browse();
        await browser.SaveQuoteAsync("to be destroyed");
        var slow = browser.PostAsync("/session/destroy?delayMs=30000");
        using var other = site.Browse();
        other.Cookies.Add(site.Address, browser.Cookies.GetCookies(site.Address));

        // The session is gone before the delay begins, which a shutdown ends: then the request is certainly inside.
        await Eventually.HoldsAsync(async () => await other.ReadQuoteAsync() == "initial quote", static () => "the session was gone");
        Assert.False(slow.IsCompleted, "The answer came before its delay.");
        process.Terminate();

        using var answer = await slow;
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(0, await process.WaitForExitAsync());
    }

    /// <summary>The request is held by its body, which the test sends: it cannot end before the listener is closed.</summary>
    [Fact]
    public async Task Sigterm_closes_the_listener_after_the_drain_delay_while_a_request_runs_that_is_answered_afterwards()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using var process = await site.StartAsync("--ServerSession:DrainDelay=00:00:01");
        await using var held = await HeldRequest.StartAsync(site.HttpPort, "/session/quote/update", TestContext.Current.CancellationToken);

        process.Terminate();
        await process.WaitForOutputAsync("not ready any more");
        await held.SendUntilAsync(() => IsRefusedAsync(site.HttpPort));
        var answer = await held.FinishAsync();

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Contains("Set-Cookie: ", answer, StringComparison.Ordinal);
        Assert.EndsWith(held.Sent, answer, StringComparison.Ordinal);
        Assert.Equal(0, await process.WaitForExitAsync());
    }

    private static async Task<bool> IsRefusedAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
            return false;
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return true;
        }
    }

    [Fact]
    public async Task Sigterm_during_the_start_exits_0_quietly()
    {
        using var folder = new TempFolder();
        await using var process = HostProcess.Launch("WebHost", folder.Path, new WebHostSite(folder.Path).Arguments);
        await process.WaitForOutputAsync("Opened the session store");

        Assert.Equal(0, await process.TerminateAsync());
        AssertQuiet(process.Output);
    }

    [Fact]
    public async Task Stop_of_the_only_silo_with_volatile_sessions_logs_one_warning()
    {
        using var folder = new TempFolder();
        var site = new WebHostSite(folder.Path);
        await using var process = await site.StartAsync("--ServerSession:Durability=Volatile");
        for (var i = 0; i < 3; i++)
        {
            using var browser = site.Browse();
            await browser.SaveQuoteAsync("in memory");
        }

        Assert.Equal(0, await process.TerminateAsync());
        Assert.Single(process.Output.Split('\n'), static line => line.Contains("volatile sessions end with it", StringComparison.Ordinal));
        AssertQuiet(process.Output);
    }

    [Theory]
    [InlineData("soon", "\"soon\"; write a time as [days.]hh:mm:ss")]
    [InlineData("20", "\"20\"; write a time as [days.]hh:mm:ss")]
    [InlineData("-00:00:01", "-00:00:01; set it between 00:00:00 and 00:10:00.")]
    [InlineData("00:10:01", "00:10:01; set it between 00:00:00 and 00:10:00.")]
    public async Task Start_with_a_drain_delay_that_is_none_names_it_and_exits_1(string delay, string fault)
    {
        using var folder = new TempFolder();
        var (exitCode, output) = await HostProcess.RunAsync(
            "WebHost", folder.Path, [.. new WebHostSite(folder.Path).Arguments, $"--ServerSession:DrainDelay={delay}"]);

        Assert.Equal(1, exitCode);
        Assert.Contains($"ServerSession:DrainDelay is {fault}", output, StringComparison.Ordinal);
    }

    /// <summary>A warning that a call took too long tells of a busy machine, and not of the stop. A host in Development writes an entry on one line.</summary>
    private static void AssertQuiet(string output)
    {
        string[] lines = [.. output.Split('\n').Where(static line => !LateCall().IsMatch(line))];
        foreach (var trouble in new[] { "fail: ", "crit: ", "   at ", "cannot " })
        {
            Assert.DoesNotContain(lines, line => line.Contains(trouble, StringComparison.Ordinal));
        }
    }

    [GeneratedRegex(@"^\d\d:\d\d:\d\d warn: .*TimeoutException")]
    private static partial Regex LateCall();
}
