using ServerSession.LocalCluster.Servers;
using ServerSession.Tests.Servers;

[assembly: AssemblyFixture(typeof(RealServers))]

namespace ServerSession.Tests.Servers;

/// <summary>One server of each kind for all tests of this assembly, started when the first test asks for it. One that cannot be started fails its tests.</summary>
public sealed class RealServers : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Lazy<Task<RedisServer>> _redis;
    private readonly Lazy<Task<PostgresServer>> _postgres;
    private readonly Lazy<Task<AzuriteServer>> _azurite;

    public RealServers()
    {
        // PostgreSQL runs as another user, who has to be able to pass through the folder.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
        }

        _redis = new(() => RedisServer.StartAsync(Path.Combine(_folder.Path, "redis")));
        _postgres = new(() => PostgresServer.StartAsync(Path.Combine(_folder.Path, "postgres")));
        _azurite = new(() => AzuriteServer.StartAsync(Path.Combine(_folder.Path, "azurite")));
    }

    public Task<RedisServer> RedisAsync() => _redis.Value;

    public Task<PostgresServer> PostgresAsync() => _postgres.Value;

    public Task<AzuriteServer> AzuriteAsync() => _azurite.Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var server in (Task<LocalServer>?[])[Started(_redis), Started(_postgres), Started(_azurite)])
        {
            if (server is not null)
            {
                await (await server).DisposeAsync();
            }
        }

        _folder.Dispose();
    }

    private static Task<LocalServer>? Started<T>(Lazy<Task<T>> server)
        where T : LocalServer =>
        server is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } task } ? task.ContinueWith<LocalServer>(static done => done.Result, TaskScheduler.Default) : null;
}
