using ServerSession.LocalCluster;
using ServerSession.LocalCluster.Servers;

namespace ServerSession.Tests;

/// <summary>What is left of a cluster on Redis whose members were all killed: its state, and the server.</summary>
internal static class LeftCluster
{
    /// <summary>Makes it in a folder.</summary>
    public static async Task MakeAsync(string folder)
    {
        Note(folder, ["redis"]);
        await RedisServer.StartAsync(Path.Combine(folder, "redis"), cancellation: TestContext.Current.CancellationToken);
    }

    /// <summary>Writes the state of a cluster of one silo that does not run.</summary>
    public static void Note(string folder, IReadOnlyList<string> servers)
    {
        var state = new StateFolder(folder, TimeProvider.System);
        state.Create();
        state.Write(new ClusterState(new ProcessClusterOptions { Silos = 1, WebHosts = 0 }, [new Member(MemberRole.Silo, 1, 1, 1, 1, null)], servers));
    }

    /// <summary>The server's process.</summary>
    public static ServerProcess Server(string folder) => ServerState.Read(Path.Combine(folder, "redis"))!.Process;
}
