using System.Net;
using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>The main job of a cluster in the form in which each frontend holds a silo: three processes on Redis.</summary>
public sealed class CohostedJourneyTests
{
    private const int WebHosts = 3;

    [Fact]
    public async Task Quote_is_read_and_edited_through_the_frontends_that_are_left_while_each_in_turn_is_killed()
    {
        await using var folder = new ClusterFolder();
        using var cluster = await ProcessCluster.UpAsync(
            folder.Path, new ProcessClusterOptions { Cohosted = true, WebHosts = WebHosts }, cancellationToken: TestContext.Current.CancellationToken);
        var tool = new ClusterTool(folder.Path);
        var start = await tool.StatusAsync();
        Assert.All(start.Members, static member => Assert.True(member is { Role: "webhost", Ready: true }, $"{member.Role} {member.Index}"));
        AssertListensOnLoopbackOnly(start);
        using var visitor = new Visitor();
        await visitor.SaveQuoteAsync(cluster.Frontends[0], "after 0");

        for (var killed = 1; killed <= WebHosts; killed++)
        {
            var (one, other) = (cluster.Frontends[killed % WebHosts], cluster.Frontends[(killed + 1) % WebHosts]);
            await cluster.KillAsync(MemberRole.WebHost, killed, TestContext.Current.CancellationToken);

            Assert.Equal($"after {killed - 1}", await visitor.ReadQuoteAsync(one));
            await visitor.SaveQuoteAsync(one, $"after {killed}");
            Assert.Equal($"after {killed}", await visitor.ReadQuoteAsync(other));

            if (killed < WebHosts)
            {
                await cluster.StartAsync(MemberRole.WebHost, killed, TestContext.Current.CancellationToken);
                Assert.Equal($"after {killed}", await visitor.ReadQuoteAsync(cluster.Frontends[killed - 1]));
            }
        }

        Assert.Equal([true, true, false], (await tool.StatusAsync()).Members.Select(static member => member.Ready));
    }

    /// <summary>HTTP, silo and gateway port of each frontend, and Redis.</summary>
    private static void AssertListensOnLoopbackOnly(ClusterTool.Seen status)
    {
        var listeners = Listeners.Of(status.Processes);
        Assert.True(listeners.Count >= (WebHosts * 3) + 1, string.Join(", ", listeners));
        Assert.All(listeners, static listener => Assert.True(IPAddress.IsLoopback(listener.Address), listener.ToString()));
    }
}
