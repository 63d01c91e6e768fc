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

    private static Member Running(StateFolder folder, MemberRole role, int index, int siloPort)
    {
        var member = new Member(role, index, 1, siloPort, siloPort, null);
        return member with { Process = ServerProcess.Start("sleep", ["600"], folder.CreateFolder(member.Name), folder.LogOf(member.Name)) };
    }
}
