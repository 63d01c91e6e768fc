using ServerSession.LocalCluster.Servers;

namespace ServerSession.LocalCluster;

/// <summary>Ends the processes of a cluster.</summary>
public sealed class ClusterEnd(StateFolder folder)
{
    private const int SigTerm = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(60);

    /// <summary>Asks a process to shut down, paused or not; false if it has not ended in time.</summary>
    public static async Task<bool> TryStopAsync(ServerProcess process, CancellationToken cancellationToken)
    {
        process.Signal(SigTerm);
        process.Resume();
        return await process.WaitForEndAsync(Patience, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Kills a process and returns when it is gone.</summary>
    public static async Task KillAsync(ServerProcess process, CancellationToken cancellationToken)
    {
        process.Kill();
        if (!await process.WaitForEndAsync(KillPatience, cancellationToken).ConfigureAwait(false))
        {
            throw new LocalClusterException($"Process {process.Id} has not ended {KillPatience.TotalSeconds:0} seconds after SIGKILL.");
        }
    }

    /// <summary>Frontends, then silos, then servers are asked to shut down; what does not is killed.</summary>
    public async Task ShutDownAsync(ClusterState state, CancellationToken cancellationToken)
    {
        foreach (var role in new[] { MemberRole.WebHost, MemberRole.Silo })
        {
            await Task.WhenAll(ProcessesOf(state, role).Select(async process =>
            {
                if (!await TryStopAsync(process, cancellationToken).ConfigureAwait(false))
                {
                    await KillAsync(process, cancellationToken).ConfigureAwait(false);
                }
            })).ConfigureAwait(false);
        }

        foreach (var server in ServersOf(state))
        {
            await server.StopAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Kills everything, for a start that failed.</summary>
    public async Task KillAllAsync(ClusterState state)
    {
        foreach (var process in ProcessesOf(state, MemberRole.WebHost).Concat(ProcessesOf(state, MemberRole.Silo)).ToArray())
        {
            await KillAsync(process, CancellationToken.None).ConfigureAwait(false);
        }

        foreach (var server in ServersOf(state))
        {
            await server.KillAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    // A start that was interrupted may have noted a server that never came to be.
    private IEnumerable<LocalServer> ServersOf(ClusterState state) => state.Servers.Select(name => LocalServer.TryOpen(folder.FolderOf(name))).OfType<LocalServer>();

    private static IEnumerable<ServerProcess> ProcessesOf(ClusterState state, MemberRole role) =>
        state.Members.Where(member => member.Role == role && member.IsRunning).Select(static member => member.Process!.Value);
}
