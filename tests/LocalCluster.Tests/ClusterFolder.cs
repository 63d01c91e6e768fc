using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>A folder of its own for the cluster of one test; whatever still runs there ends with it.</summary>
public sealed class ClusterFolder : IAsyncDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("local-cluster-").FullName;

    public async ValueTask DisposeAsync()
    {
        try
        {
            using var cluster = ProcessCluster.Open(Path);
            await cluster.DownAsync();
        }
        catch (LocalClusterException)
        {
            // The test has taken it down, or never had one.
        }

        Directory.Delete(Path, recursive: true);
    }
}
