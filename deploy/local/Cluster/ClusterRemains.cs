using ServerSession.LocalCluster.Servers;

namespace ServerSession.LocalCluster;

/// <summary>What an earlier start in the same folder left running.</summary>
public sealed class ClusterRemains(StateFolder folder)
{
    /// <summary>Refuses where a member or a server of the folder's cluster runs, and stops a server that no cluster there names.</summary>
    /// <exception cref="LocalClusterException">A part of a cluster runs; the message names each.</exception>
    public async Task ClearAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        var servers = StorageServers.Names.Select(name => LocalServer.TryOpen(folder.FolderOf(name))).OfType<LocalServer>().Where(static server => server.IsRunning).ToArray();
        if (folder.TryRead() is { } old)
        {
            string[] running =
            [
                .. old.Members.Where(static member => member.IsRunning).Select(static member => member.Title),
                .. servers.Select(static server => server.Name).Where(old.Servers.Contains),
            ];
            if (running.Length > 0)
            {
                throw new LocalClusterException($"A cluster runs in {folder.Path} ({string.Join(", ", running)}). End it with `down`, or use another folder with --dir.");
            }
        }

        foreach (var server in servers)
        {
            progress($"stopping {server.Name} (process {server.ProcessId}), which an earlier cluster left in this folder");
            await server.StopAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
