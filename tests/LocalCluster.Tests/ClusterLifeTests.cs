using ServerSession.LocalCluster;
using ServerSession.LocalCluster.Servers;

namespace ServerSession.Tests;

/// <summary>What people do with a local cluster, with the processes that they run.</summary>
public sealed class ClusterLifeTests
{
    [Fact]
    public async Task Cluster_that_is_taken_down_and_up_again_in_its_folder_has_its_sessions()
    {
        await using var folder = new ClusterFolder();
        using var visitor = new Visitor();
        var options = new ProcessClusterOptions { Storage = StorageKind.Sqlite, Silos = 1, WebHosts = 1 };
        using (var cluster = await ProcessCluster.UpAsync(folder.Path, options))
        {
            await visitor.SaveQuoteAsync(cluster.Frontends[0], "kept");
            var refused = await Assert.ThrowsAsync<LocalClusterException>(() => ProcessCluster.UpAsync(folder.Path, options));
            Assert.Contains("A cluster runs in", refused.Message, StringComparison.Ordinal);
            await AssertDownLeavesNothingAsync(cluster);
        }

        using var again = await ProcessCluster.UpAsync(folder.Path, options);

        Assert.Equal("kept", await visitor.ReadQuoteAsync(again.Frontends[0]));
    }

    [Fact]
    public async Task Up_with_a_member_that_cannot_start_says_why_and_leaves_nothing()
    {
        await using var folder = new ClusterFolder();
        var options = new ProcessClusterOptions
        {
            Storage = StorageKind.Sqlite,
            Silos = 1,
            Settings = new Dictionary<string, string> { ["ServerSession:CollectionAge"] = "soon" },
        };

        var refused = await Assert.ThrowsAsync<LocalClusterException>(() => ProcessCluster.UpAsync(folder.Path, options));

        Assert.Contains("silo 1 ended", refused.Message, StringComparison.Ordinal);
        Assert.Contains("ServerSession:CollectionAge", refused.Message, StringComparison.Ordinal);
        Assert.Throws<LocalClusterException>(() => ProcessCluster.Open(folder.Path));
    }

    [Fact]
    public async Task Member_that_is_paused_is_not_ready_and_goes_on_when_it_is_resumed()
    {
        await using var folder = new ClusterFolder();
        using var cluster = await ProcessCluster.UpAsync(folder.Path, new ProcessClusterOptions { Storage = StorageKind.Sqlite, Cohosted = true, WebHosts = 1 });

        cluster.Pause(MemberRole.WebHost, 1);
        Assert.False(Assert.Single((await cluster.StatusAsync()).Members).Ready);
        await Assert.ThrowsAsync<LocalClusterException>(() => cluster.StopAsync(MemberRole.WebHost, 1));
        cluster.Resume(MemberRole.WebHost, 1);
        await cluster.WaitUntilReadyAsync(MemberRole.WebHost, 1);

        cluster.Pause(MemberRole.WebHost, 1);
        await AssertDownLeavesNothingAsync(cluster);
    }

    private static async Task AssertDownLeavesNothingAsync(ProcessCluster cluster)
    {
        ServerProcess[] processes = [.. cluster.Members.Select(static member => member.Process!.Value)];
        var servers = cluster.Servers;
        await cluster.DownAsync();
        Assert.All(processes, static process => Assert.False(process.IsRunning));
        Assert.All(servers, static server => Assert.False(server.IsRunning));
        Assert.Throws<LocalClusterException>(() => ProcessCluster.Open(cluster.Directory));
    }
}
