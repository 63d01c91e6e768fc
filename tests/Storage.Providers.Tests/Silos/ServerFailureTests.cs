using System.Net;
using ServerSession.LocalCluster.Servers;
using ServerSession.Tests.Servers;

namespace ServerSession.Tests.Silos;

/// <summary>A store that fails and comes back: nothing acknowledged is lost, nothing but 503 is answered, and nobody has to restart anything.</summary>
public sealed class ServerFailureTests : IDisposable
{
    /// <summary>Short, because requests are refused for all of it.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(3);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Redis_that_is_full_is_answered_with_503_and_the_reason_and_heals()
    {
        await using var server = await RedisServer.StartAsync(_folder.Path);
        await using var cluster = await StartAsync(server);
        var created = await cluster.Frontend.UntilItSucceedsAsync("PUT", "/value/first");
        var (grain, token) = await cluster.Frontend.FindAsync(created.Cookie);
        await using var redis = await RedisClient.ConnectAsync(server.ConnectionString, allowAdmin: true);
        var admin = redis.GetServer(redis.GetEndPoints()[0]);

        await admin.ConfigSetAsync("maxmemory", "1");
        var exception = await ForeignFailureTests.RefusalAsync("OOM", () => grain.CommitAsync(ForeignFailureTests.Commit(token)).AsTask());
        var refused = await cluster.Frontend.SendAsync("PUT", "/value/lost", created.Cookie);
        await admin.ConfigSetAsync("maxmemory", "0");

        Assert.Null(exception.InnerException);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.True(refused.HasRetryAfter);
        Assert.DoesNotContain("OOM", refused.Body, StringComparison.Ordinal);
        Assert.Equal("first", (await cluster.Frontend.UntilItSucceedsAsync("GET", "/value", created.Cookie)).Body);
        await cluster.Frontend.UntilItSucceedsAsync("PUT", "/value/second", created.Cookie);
        Assert.Equal("second", (await cluster.Frontend.UntilItSucceedsAsync("GET", "/value", created.Cookie)).Body);
    }

    [Fact]
    public async Task Redis_that_is_full_reaches_the_callers_of_every_grain_as_our_own_exception()
    {
        await using var server = await RedisServer.StartAsync(_folder.Path);
        await using var cluster = await StartAsync(server);
        await cluster.Frontend.UntilItSucceedsAsync("PUT", "/value/first");
        var grains = cluster.Frontend.Grains;
        var later = TimeProvider.System.GetUtcNow().AddMinutes(1);
        Func<ValueTask>[] writes =
        [
            async () => await grains.GetGrain<IExpiryShardGrain>(3).ReserveAsync(8, TimeSpan.Zero),
            () => grains.GetGrain<IExpiryShardGrain>(4).RegisterAsync([SessionId.New()]),
            async () => await grains.GetGrain<IClusterSessionsGrain>(0).EndAllAsync(later),
            async () => await grains.GetGrain<IDataProtectionKeyGrain>("ring").StoreAsync(new DataProtectionKeyElement(Guid.NewGuid(), "key", "<key/>"), later),
            async () => await grains.GetGrain<ISubjectSecretGrain>(0).GetAsync(),
        ];
        await using var redis = await RedisClient.ConnectAsync(server.ConnectionString, allowAdmin: true);
        var admin = redis.GetServer(redis.GetEndPoints()[0]);
        await admin.ConfigSetAsync("maxmemory", "1");

        foreach (var write in writes)
        {
            Assert.Null((await ForeignFailureTests.RefusalAsync("OOM", async () => await write())).InnerException);
        }

        // A silo cannot leave the membership while its table takes no writes.
        await admin.ConfigSetAsync("maxmemory", "0");
    }

    [Theory]
    [InlineData("redis", false)]
    [InlineData("redis", true)]
    [InlineData("postgres", false)]
    [InlineData("postgres", true)]
    [InlineData("azurite", false)]
    public async Task Server_that_leaves_and_comes_back_costs_503s_and_no_data(string kind, bool kill)
    {
        await using LocalServer server = kind switch
        {
            "redis" => await RedisServer.StartAsync(_folder.Path),
            "postgres" => await PostgresServer.StartAsync(_folder.Path),
            _ => await AzuriteServer.StartAsync(_folder.Path),
        };
        await using var cluster = await StartAsync(server);
        var created = await cluster.Frontend.UntilItSucceedsAsync("PUT", "/value/first");

        await (kill ? server.KillAsync() : server.StopAsync());
        var refused = await cluster.Frontend.SendAsync("PUT", "/value/unknown", created.Cookie);
        await server.RestartAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.True(refused.HasRetryAfter);
        Assert.Contains((await cluster.Frontend.UntilItSucceedsAsync("GET", "/value", created.Cookie)).Body, (string[])["first", "unknown"]);
        await cluster.Frontend.UntilItSucceedsAsync("PUT", "/value/second", created.Cookie);
        Assert.Equal("second", (await cluster.Frontend.UntilItSucceedsAsync("GET", "/value", created.Cookie)).Body);
    }

    private static Task<TestCluster> StartAsync(LocalServer server)
    {
        (string Key, string Value)[] connection = server switch
        {
            RedisServer => [("ProviderType", Stores.Redis), ("ConnectionString", server.ConnectionString)],
            PostgresServer => [("ProviderType", Stores.Postgres), ("Invariant", "Npgsql"), ("ConnectionString", server.ConnectionString)],
            _ => [("ProviderType", Stores.AzureTable), ("ConnectionString", server.ConnectionString)],
        };
        return TestCluster.StartAsync(
            connection.ToDictionary(static pair => "Orleans:Clustering:" + pair.Key, static pair => (string?)pair.Value),
            connection.ToDictionary(static pair => "Orleans:GrainStorage:sessions:" + pair.Key, static pair => (string?)pair.Value),
            Budget);
    }
}
