using System.Diagnostics;
using ServerSession.LocalCluster;
using ServerSession.LocalCluster.Servers;

namespace ServerSession.Tests;

/// <summary>The number of a process is given again when it has ended: nothing may be done to whoever has it now.</summary>
public sealed class OwnProcessesOnlyTests
{
    [Fact]
    public async Task Process_that_was_given_the_number_of_a_member_is_left_alone()
    {
        await using var folder = new ClusterFolder();
        using var stranger = Process.Start(new ProcessStartInfo("sleep", ["600"]))!;
        try
        {
            var state = new StateFolder(folder.Path, TimeProvider.System);
            state.Create();
            var member = new Member(MemberRole.Silo, 1, 1, 1, 1, new ServerProcess(stranger.Id, 1));
            state.Write(new ClusterState(new ProcessClusterOptions { Storage = StorageKind.Sqlite }, [member], []));
            using var cluster = ProcessCluster.Open(folder.Path);

            Assert.Null(Assert.Single((await cluster.StatusAsync()).Members).Pid);
            await Assert.ThrowsAsync<LocalClusterException>(() => cluster.KillAsync(MemberRole.Silo, 1));
            Assert.Throws<LocalClusterException>(() => cluster.Pause(MemberRole.Silo, 1));
            await cluster.DownAsync();

            Assert.False(stranger.HasExited);
        }
        finally
        {
            stranger.Kill();
        }
    }
}
