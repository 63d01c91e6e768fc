using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>The main job of a cluster, with the processes that people run: three silos, two frontends, Redis.</summary>
public sealed class ClusterJourneyTests
{
    [Fact]
    public async Task Quote_edited_through_one_frontend_is_read_through_the_other_while_silos_are_killed_stopped_and_rolled()
    {
        await using var folder = new ClusterFolder();
        using var cluster = await ProcessCluster.UpAsync(folder.Path, new ProcessClusterOptions());
        using var visitor = new Visitor();
        var (one, other) = (cluster.Frontends[0], cluster.Frontends[1]);

        await visitor.SaveQuoteAsync(one, "first");
        Assert.Equal("first", await visitor.ReadQuoteAsync(other));

        // Each silo in turn, so that the one that held the session is among them.
        for (var silo = 1; silo <= 3; silo++)
        {
            await cluster.KillAsync(MemberRole.Silo, silo);
            AssertDown(await cluster.StatusAsync(), silo);
            Assert.Equal(silo == 1 ? "first" : $"after {silo - 1}", await visitor.ReadQuoteAsync(other));
            await visitor.SaveQuoteAsync(other, $"after {silo}");
            Assert.Equal($"after {silo}", await visitor.ReadQuoteAsync(one));
            await cluster.StartAsync(MemberRole.Silo, silo);
        }

        await cluster.StopAsync(MemberRole.Silo, 1);
        AssertDown(await cluster.StatusAsync(), 1);
        await cluster.RollAsync();

        Assert.Equal("after 3", await visitor.ReadQuoteAsync(one));
        Assert.Equal("after 3", await visitor.ReadQuoteAsync(other));
        var status = await cluster.StatusAsync();
        Assert.All(status.Members, static member => Assert.True(member.Ready, $"{member.Role} {member.Index}"));
        Assert.Equal("redis", Assert.Single(status.Servers).Name);
    }

    private static void AssertDown(ClusterStatus status, int silo)
    {
        var member = status.Members.Single(member => member.Role == MemberRole.Silo && member.Index == silo);
        Assert.Null(member.Pid);
        Assert.False(member.Ready);
    }
}
