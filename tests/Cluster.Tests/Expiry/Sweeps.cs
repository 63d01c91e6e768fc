using ServerSession.Tests.Support;

namespace ServerSession.Tests.Expiry;

/// <summary>What the tests of the clean-up do with a cluster.</summary>
internal static class Sweeps
{
    /// <summary>The time that has to pass before an id without a row is known never to get one, with the default options.</summary>
    public static readonly TimeSpan Settling = new SessionExpiryOptions().ReservationTime + ExpiryTimes.CreateTail(new SessionGrainOptions());

    public static IExpiryShardGrain Shard(this SessionCluster cluster, long number) => cluster.Inner.Client.GetGrain<IExpiryShardGrain>(number);

    /// <summary>Created sessions whose ids were reserved.</summary>
    public static async Task<SessionDriver[]> CreateReservedAsync(this SessionCluster cluster, int count, SessionTerms terms, long shard = 5)
    {
        var block = await cluster.Shard(shard).ReserveAsync(count, terms.IdleTimeout);
        var sessions = block.ToIds().Select(id => new SessionDriver(cluster, id, terms)).ToArray();
        foreach (var session in sessions)
        {
            Assert.Equal(SessionOutcome.Created, (await session.CreateAsync()).Outcome);
        }

        return sessions;
    }

    /// <summary>Does what the silos' timer does: asks every shard what is due, until none has more.</summary>
    public static Task<ShardSweepReply> SweepDueAsync(this SessionCluster cluster) => cluster.SweepAsync(null);

    /// <summary>Looks at everything, due or not.</summary>
    public static Task<ShardSweepReply> SweepAllAsync(this SessionCluster cluster) => cluster.SweepAsync(Guid.NewGuid());

    /// <summary>Ends all silos without a word, and starts a cluster over the same store and clock.</summary>
    public static async Task<SessionCluster> KillAndStartAsync(this SessionCluster cluster, short silos = 1, Action<SessionGrainOptions>? configure = null)
    {
        foreach (var silo in cluster.Silos.ToArray())
        {
            await cluster.KillAsync(silo);
        }

        return await SessionCluster.StartAsync(silos, configure, sharing: cluster);
    }

    private static async Task<ShardSweepReply> SweepAsync(this SessionCluster cluster, Guid? run)
    {
        var sum = new ShardSweepReply();
        for (var shard = 0; shard < ExpiryShards.All; shard++)
        {
            ShardSweepReply reply;
            do
            {
                reply = await cluster.Shard(shard).SweepAsync(run);
                sum = new ShardSweepReply { Looked = sum.Looked + reply.Looked, Removed = sum.Removed + reply.Removed, Failed = sum.Failed + reply.Failed };
            }
            while (reply.HasMore);
        }

        return sum;
    }
}
