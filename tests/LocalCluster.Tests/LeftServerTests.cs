using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>A server that goes on running when all members have ended stays in the hands of the tool.</summary>
public sealed class LeftServerTests
{
    [Fact]
    public async Task Up_while_only_the_server_runs_is_refused_and_down_ends_the_server()
    {
        await using var folder = new ClusterFolder();
        await LeftCluster.MakeAsync(folder.Path);
        var server = LeftCluster.Server(folder.Path);

        var refused = await Assert.ThrowsAsync<LocalClusterException>(() => ProcessCluster.UpAsync(folder.Path, new ProcessClusterOptions { Silos = 1, WebHosts = 0 }));

        Assert.Contains("(redis). End it with `down`", refused.Message, StringComparison.Ordinal);
        Assert.True(server.IsRunning);
        using var cluster = ProcessCluster.Open(folder.Path);
        await cluster.DownAsync(TestContext.Current.CancellationToken);
        Assert.False(server.IsRunning);
    }

    /// <summary>As a command leaves it that is killed before it could note the cluster.</summary>
    [Fact]
    public async Task Up_in_a_folder_with_a_server_that_no_cluster_names_ends_that_server()
    {
        await using var folder = new ClusterFolder();
        await LeftCluster.MakeAsync(folder.Path);
        var server = LeftCluster.Server(folder.Path);
        File.Delete(Path.Combine(folder.Path, "cluster.json"));
        List<string> progress = [];

        await Assert.ThrowsAsync<LocalClusterException>(() => ProcessCluster.UpAsync(folder.Path, NeverReady(StorageKind.Sqlite, folder.Path), progress.Add));

        Assert.False(server.IsRunning);
        Assert.Contains(progress, line => line.Contains($"stopping redis (process {server.Id})", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Up_that_fails_ends_the_server_that_it_started()
    {
        await using var folder = new ClusterFolder();

        await Assert.ThrowsAsync<LocalClusterException>(() => ProcessCluster.UpAsync(folder.Path, NeverReady(StorageKind.Redis, folder.Path)));

        Assert.False(LeftCluster.Server(folder.Path).IsRunning);
        Assert.Throws<LocalClusterException>(() => ProcessCluster.Open(folder.Path));
    }

    /// <summary>As a command leaves it that is killed while its server starts.</summary>
    [Fact]
    public async Task Down_of_a_cluster_whose_server_never_started_ends_what_there_is()
    {
        await using var folder = new ClusterFolder();
        LeftCluster.Note(folder.Path, ["redis"]);
        using var cluster = ProcessCluster.Open(folder.Path);

        Assert.Empty((await cluster.StatusAsync(TestContext.Current.CancellationToken)).Servers);
        await cluster.DownAsync(TestContext.Current.CancellationToken);

        Assert.Throws<LocalClusterException>(() => ProcessCluster.Open(folder.Path));
    }

    /// <summary>A silo whose program is none, so that it ends at once.</summary>
    private static ProcessClusterOptions NeverReady(StorageKind storage, string folder)
    {
        var none = Path.Combine(folder, "none.dll");
        File.WriteAllText(none, "");
        return new ProcessClusterOptions { Storage = storage, Silos = 1, WebHosts = 0, SiloAssembly = none };
    }
}
