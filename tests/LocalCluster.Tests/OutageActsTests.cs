using ServerSession.LocalCluster;
using ServerSession.LocalCluster.Servers;

namespace ServerSession.Tests;

/// <summary>What an outage does to the processes; they do nothing here but run.</summary>
public sealed class OutageActsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Kill_of_the_silos_ends_whatever_process_holds_one_and_starts_it_again(bool cohosted)
    {
        await using var folder = new ClusterFolder();
        var state = new StateFolder(folder.Path, TimeProvider.System);
        state.Create();
        var role = cohosted ? MemberRole.WebHost : MemberRole.Silo;
        Member[] holders = [Running(state, role, 1, siloPort: 1), Running(state, role, 2, siloPort: 2)];
        Member[] others = cohosted ? [] : [Running(state, MemberRole.WebHost, 1, siloPort: 0)];
        var none = Path.Combine(folder.Path, "none.dll");
        await File.WriteAllTextAsync(none, "", TestContext.Current.CancellationToken);
        state.Write(new ClusterState(new ProcessClusterOptions { Cohosted = cohosted, SiloAssembly = none, WebHostAssembly = none }, [.. holders, .. others], []));
        using var cluster = ProcessCluster.Open(folder.Path);

        await new OutageActs(cluster, ["kill", "silos"], TimeSpan.Zero).RunAsync(TestContext.Current.CancellationToken);

        Assert.All(holders, static member => Assert.False(member.IsRunning, member.Title));
        Assert.All(holders, member => Assert.NotEqual(member.Process, cluster.Member(member.Role, member.Index).Process));
        Assert.All(others, static member => Assert.True(member.IsRunning, member.Title));
    }

    [Fact]
    public async Task Starve_of_a_silo_stops_it_most_of_the_time_and_leaves_it_running()
    {
        await using var folder = new ClusterFolder();
        var state = new StateFolder(folder.Path, TimeProvider.System);
        state.Create();
        var silo = Running(state, MemberRole.Silo, 1, siloPort: 1);
        state.Write(new ClusterState(new ProcessClusterOptions(), [silo], []));
        using var cluster = ProcessCluster.Open(folder.Path);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var starving = new OutageActs(cluster, ["starve", "silo", "1"], TimeSpan.FromMinutes(5)).RunAsync(stop.Token);
        while (!silo.Process!.Value.IsPaused)
        {
            await Task.Delay(1, stop.Token);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starving);
        Assert.True(silo.IsRunning);
        while (silo.Process!.Value.IsPaused)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    private static Member Running(StateFolder folder, MemberRole role, int index, int siloPort)
    {
        var member = new Member(role, index, 1, siloPort, siloPort, null);
        return member with { Process = ServerProcess.Start("sleep", ["600"], folder.CreateFolder(member.Name), folder.LogOf(member.Name)) };
    }
}
