using Orleans.Core.Internal;
using Orleans.Runtime.Placement;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Races;

/// <summary>Two hundred requests of one session at once, through a frontend in the process of each of three silos.</summary>
public class ManyRequestsTests(ThreeSilos silos) : IClassFixture<ThreeSilos>
{
    private const int Rounds = 3;
    private const int Requests = 200;
    private const int Keys = 25;
    private const int OnesThatCount = 5;

    [Theory]
    [InlineData(SessionDurability.WriteThrough, 0)]
    [InlineData(SessionDurability.WriteThrough, 5)]
    [InlineData(SessionDurability.WriteBehind, 0)]
    [InlineData(SessionDurability.WriteBehind, 5)]
    [InlineData(SessionDurability.Volatile, 0)]
    [InlineData(SessionDurability.Volatile, 2)] // To each silo once: a volatile session may be lost on its way back to one.
    public async Task Requests_of_two_hundred_at_once_are_each_there_once_and_in_one_order_per_key(SessionDurability durability, int moves)
    {
        var reads = silos.Frontends.Sum(static frontend => frontend.LocalReads);
        var commits = silos.Frontends.Sum(static frontend => frontend.LocalCommits);
        for (var round = 0; round < Rounds; round++)
        {
            await RaceAsync(new SessionTerms { Durability = durability, WriteBehindInterval = TimeSpan.FromMilliseconds(20) }, moves, new Random(round));
        }

        Assert.True(silos.Frontends.Sum(static frontend => frontend.LocalReads) > reads);
        Assert.True(silos.Frontends.Sum(static frontend => frontend.LocalCommits) > commits);
    }

    private async Task RaceAsync(SessionTerms terms, int moves, Random random)
    {
        var session = silos.Cluster.NewSession(terms);
        var create = session.CreateRequest();
        var histories = new KeyHistories(create, await session.Grain.CreateAsync(create));
        await Task.WhenAll(silos.Frontends.Select(frontend => frontend.OpenAsync(session.Id, create.Verifier)));
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reads = new List<Task>();
        var commits = new List<Task<SessionReply>>();
        for (var request = 0; request < Requests; request++)
        {
            var frontend = silos.Frontends[request % silos.Frontends.Count];
            var key = $"k{request % Keys}";
            var counts = request % OnesThatCount == 0;
            if (!counts && random.Next(3) == 0)
            {
                reads.Add(ReadAsync(frontend, session, key, histories, start.Task));
                continue;
            }

            var commit = session.CommitRequest([Change(key, request, random), .. counts ? [SessionChange.Increment("n")] : Array.Empty<SessionChange>()]);
            commits.Add(CommitAsync(frontend, session, commit, histories, start.Task));
        }

        start.SetResult();
        await MoveAsync(session, moves);
        await Task.WhenAll(reads);
        var replies = await Task.WhenAll(commits);

        Assert.All(replies, static reply => Assert.Equal(SessionOutcome.Committed, reply.Outcome));
        Assert.Equal(
            Enumerable.Range(1, Requests / OnesThatCount).Select(static number => (long)number),
            replies.Where(static reply => reply.Results is { Count: 2 }).Select(static reply => reply.Results![1].Number).Order());
        foreach (var frontend in silos.Frontends)
        {
            var sent = histories.Now;
            var reply = await frontend.OpenAsync(session.Id, create.Verifier);
            Assert.Equal(1 + commits.Count, reply.Snapshot!.Version);
            foreach (var key in Enumerable.Range(0, Keys).Select(static key => $"k{key}").Append("n"))
            {
                histories.Opened(key, sent, reply);
            }
        }

        histories.Judge();
    }

    private static SessionChange Change(string key, int request, Random random) => random.Next(8) switch
    {
        < 2 => SessionChange.Remove(key),
        < 5 => SessionDriver.Set(key, $"{request * 1000}"),
        var by => SessionChange.Increment(key, by - 4),
    };

    private static async Task ReadAsync(Frontend frontend, SessionDriver session, string key, KeyHistories histories, Task start)
    {
        await start;
        var sent = histories.Now;
        var reply = await frontend.OpenAsync(session.Id, session.Verifier.Hash());
        Assert.Equal(SessionOutcome.Opened, reply.Outcome);
        histories.Opened(key, sent, reply);
    }

    private static async Task<SessionReply> CommitAsync(Frontend frontend, SessionDriver session, CommitSession commit, KeyHistories histories, Task start)
    {
        await start;
        var sent = histories.Now;
        var reply = await frontend.CommitAsync(session.Id, commit);
        histories.Committed(commit, sent, reply);
        return reply;
    }

    /// <summary>From silo to silo in turns, each time once the move before has come to its end.</summary>
    private async Task MoveAsync(SessionDriver session, int moves)
    {
        var addresses = silos.Cluster.Silos.Select(static silo => silo.SiloAddress).ToList();
        var home = addresses.IndexOf((await silos.Cluster.OwnerAsync(session.Id))!.SiloAddress);
        for (var move = 1; move <= moves; move++)
        {
            var target = addresses[(home + move) % addresses.Count];
            await SessionCluster.UntilAsync(() => TryMoveAsync(session, target), $"the session has made move {move}");
        }
    }

    /// <summary>True if the session is there. Asked of an activation that is only just coming, a move does not happen.</summary>
    private async Task<bool> TryMoveAsync(SessionDriver session, SiloAddress target)
    {
        if (await silos.Cluster.OwnersAsync(session.Id) is [{ } owner] && owner.SiloAddress.Equals(target))
        {
            return true;
        }

        RequestContext.Set(IPlacementDirector.PlacementHintKey, target);
        await session.Grain.Cast<IGrainManagementExtension>().MigrateOnIdle();
        RequestContext.Clear();
        return false;
    }
}
