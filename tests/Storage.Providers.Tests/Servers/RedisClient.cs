using StackExchange.Redis;

namespace ServerSession.Tests.Servers;

/// <summary>The test's own connection to a Redis server, with more patience than a busy machine needs.</summary>
internal static class RedisClient
{
    private const int Patience = 60_000;

    public static Task<ConnectionMultiplexer> ConnectAsync(string connection, bool allowAdmin = false)
    {
        var options = ConfigurationOptions.Parse(connection);
        options.ConnectTimeout = options.AsyncTimeout = options.SyncTimeout = Patience;
        options.AllowAdmin = allowAdmin;
        return ConnectionMultiplexer.ConnectAsync(options);
    }
}
