using ServerSession.LocalCluster;
using StackExchange.Redis;

namespace ServerSession.Tests;

/// <summary>Counts what the Redis server of a cluster has of sessions, with the server's own client.</summary>
internal static class StoredSessions
{
    private const int Patience = 60_000;

    public static async Task<long> CountAsync(ProcessCluster cluster)
    {
        var options = ConfigurationOptions.Parse(cluster.Server("redis").ConnectionString);
        options.ConnectTimeout = options.AsyncTimeout = options.SyncTimeout = Patience;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        return await redis.GetServer(redis.GetEndPoints()[0]).KeysAsync(pattern: "*/state/*/session").LongCountAsync();
    }
}
