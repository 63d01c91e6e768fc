using System.Net;
using ServerSession.LocalCluster;
using ServerSession.LocalCluster.Servers;

namespace ServerSession.Tests;

/// <summary>Every command that people type, on the processes that they run.</summary>
public sealed class CommandsTests
{
    /// <summary>One silo and one frontend on Azurite, the store that no other test of this project starts.</summary>
    [Fact]
    public async Task Commands_for_members_do_to_their_processes_what_they_say()
    {
        await using var folder = new ClusterFolder();
        var tool = new ClusterTool(folder.Path);

        var (printed, _) = await tool.RunAsync("up", "--storage", "azurite", "--silos", "1", "--webhosts", "1");
        var start = await tool.StatusAsync();
        AssertRuns(start);
        Assert.All(start.Members, member => Assert.Contains(member.Http, printed, StringComparison.Ordinal));
        Assert.Contains($"127.0.0.1:{Assert.Single(start.Servers, static server => server.Name == "azurite").Port}", printed, StringComparison.Ordinal);
        AssertListensOnLoopbackOnly(start);
        Assert.Contains("silo 1, webhost 1, azurite", await tool.RefusedAsync("up"), StringComparison.Ordinal);

        var silo = start.Member("silo", 1);
        await tool.RunAsync("pause", "silo", "1");
        Assert.Equal(silo with { Ready = false }, (await tool.StatusAsync()).Member("silo", 1));
        Assert.Contains("is paused", await tool.RefusedAsync("stop", "silo", "1"), StringComparison.Ordinal);
        await tool.RunAsync("resume", "silo", "1");
        using var cluster = ProcessCluster.Open(folder.Path);
        await cluster.WaitUntilReadyAsync(MemberRole.Silo, 1, TestContext.Current.CancellationToken);
        Assert.Equal(silo, (await tool.StatusAsync()).Member("silo", 1));

        await tool.RunAsync("kill", "silo", "1");
        Assert.Equal(silo with { Pid = null, Ready = false }, (await tool.StatusAsync()).Member("silo", 1));
        Assert.Contains("`start silo 1`", await tool.RefusedAsync("kill", "silo", "1"), StringComparison.Ordinal);
        await tool.RunAsync("start", "silo", "1");
        var again = (await tool.StatusAsync()).Member("silo", 1);
        Assert.Equal(silo with { Pid = again.Pid }, again);
        Assert.NotEqual(silo.Pid, again.Pid);
        Assert.Contains("runs already", await tool.RefusedAsync("start", "silo", "1"), StringComparison.Ordinal);

        await cluster.WaitUntilReadyAsync(MemberRole.WebHost, 1, TestContext.Current.CancellationToken);
        var (report, _) = await tool.RunAsync("outage", "stop", "webhost", "1", "--sessions", "3", "--seconds", "1");
        Assert.StartsWith("stop webhost 1: 3 of 3 sessions noticed it", report, StringComparison.Ordinal);
        Assert.Equal(start.Member("webhost", 1) with { Pid = null, Ready = false }, (await tool.StatusAsync()).Member("webhost", 1));

        var (_, rolled) = await tool.RunAsync("roll");
        Assert.Equal(["stopping silo 1", "starting silo 1", "starting webhost 1"], rolled.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        var end = await tool.StatusAsync();
        AssertRuns(end);
        Assert.NotEqual(again.Pid, end.Member("silo", 1).Pid);
        Assert.Equal(start.Members.Select(static member => member.Http), end.Members.Select(static member => member.Http));

        Assert.Contains("Application started", (await tool.RunAsync("logs", "silo", "1")).Output, StringComparison.Ordinal);
        var logs = (await tool.RunAsync("logs")).Output;
        Assert.Contains("silo1: ", logs, StringComparison.Ordinal);
        Assert.Contains("webhost1: ", logs, StringComparison.Ordinal);

        await AssertScriptRunsTheToolAsync(folder.Path, end);

        await tool.RunAsync("stop", "webhost", "1");
        Assert.Equal(end.Member("webhost", 1) with { Pid = null, Ready = false }, (await tool.StatusAsync()).Member("webhost", 1));
        var (members, servers) = (cluster.Members, cluster.Servers);
        await tool.RunAsync("down");
        Assert.All(members, static member => Assert.False(member.IsRunning, member.Title));
        Assert.All(servers, static server => Assert.False(server.IsRunning, server.Name));
        Assert.Contains("No cluster was started", await tool.RefusedAsync("status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_for_a_server_do_what_they_say()
    {
        await using var folder = new ClusterFolder();
        var tool = new ClusterTool(folder.Path);
        await LeftCluster.MakeAsync(folder.Path);
        var server = Assert.Single((await tool.StatusAsync()).Servers);

        await tool.RunAsync("pause", "server", "redis");
        Assert.True(LeftCluster.Server(folder.Path).IsPaused);
        await tool.RunAsync("resume", "server", "redis");
        Assert.False(LeftCluster.Server(folder.Path).IsPaused);

        await tool.RunAsync("kill", "server", "redis");
        Assert.Equal(server with { Pid = null }, Assert.Single((await tool.StatusAsync()).Servers));
        await tool.RunAsync("start", "server", "redis");
        var again = Assert.Single((await tool.StatusAsync()).Servers);
        Assert.Equal(server with { Pid = again.Pid }, again);
        Assert.Contains("runs already", await tool.RefusedAsync("start", "server", "redis"), StringComparison.Ordinal);
        Assert.NotEmpty((await tool.RunAsync("logs", "server", "redis")).Output);

        Assert.Contains("killed, paused, resumed and started", await tool.RefusedAsync("stop", "server", "redis"), StringComparison.Ordinal);
        Assert.Contains("there is redis", await tool.RefusedAsync("kill", "server", "postgres"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'dance' is no command", "dance")]
    [InlineData("kill needs to know whom", "kill", "silo")]
    [InlineData("'frontend' is neither", "kill", "frontend", "1")]
    [InlineData("'one' is no number", "start", "silo", "one")]
    [InlineData("There is no silo 9", "pause", "silo", "9")]
    [InlineData("roll takes no 'silo'", "roll", "silo")]
    [InlineData("logs takes nothing", "logs", "silo")]
    [InlineData("up takes no 'redis'", "up", "redis")]
    public async Task Command_that_makes_no_sense_is_refused_with_the_reason(string reason, params string[] arguments)
    {
        await using var folder = new ClusterFolder();
        LeftCluster.Note(folder.Path, []);

        Assert.Contains(reason, await new ClusterTool(folder.Path).RefusedAsync(arguments), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_command()
    {
        await using var folder = new ClusterFolder();

        var (help, _) = await new ClusterTool(folder.Path).RunAsync();

        Assert.All(["up", "status", "kill", "stop", "pause", "resume", "start", "roll", "logs", "outage", "down"], verb => Assert.Contains($"cluster {verb}", help, StringComparison.Ordinal));
    }

    private static void AssertRuns(ClusterTool.Seen status)
    {
        Assert.Equal(["silo 1", "webhost 1"], status.Members.Select(static member => $"{member.Role} {member.Index}"));
        Assert.All(status.Members, static member => Assert.True(member is { Pid: not null, Ready: true }, $"{member.Role} {member.Index}"));
    }

    /// <summary>HTTP, silo and gateway port of the silo, HTTP port of the frontend, and Azurite's three.</summary>
    private static void AssertListensOnLoopbackOnly(ClusterTool.Seen status)
    {
        var listeners = Listeners.Of(status.Processes);
        Assert.True(listeners.Count >= 3 + 1 + 3, string.Join(", ", listeners));
        Assert.All(listeners, static listener => Assert.True(IPAddress.IsLoopback(listener.Address), listener.ToString()));
    }

    /// <summary>The file that people start: it finds the tool, hands its arguments on and ends with its exit code.</summary>
    private static async Task AssertScriptRunsTheToolAsync(string folder, ClusterTool.Seen expected)
    {
        var script = Path.GetFullPath(Path.Combine(ProcessClusterOptions.DefaultDirectory, "..", "..", "deploy", "local", "cluster"));

        var (code, json, _) = await Command.TryRunAsync(script, ["status", "--dir", folder], TestContext.Current.CancellationToken);
        Assert.Equal(0, code);
        Assert.Equal(expected.Members, ClusterTool.Seen.Read(json).Members);

        var (refused, _, reason) = await Command.TryRunAsync(script, ["dance"], TestContext.Current.CancellationToken);
        Assert.Equal(1, refused);
        Assert.StartsWith("cluster: 'dance' is no command.", reason, StringComparison.Ordinal);
    }
}
