using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Session;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ServerSession.Benchmarks.Server;

namespace ServerSession.Benchmarks.Memory;

/// <summary>ASP.NET Core's sessions in its distributed memory cache.</summary>
internal sealed class CacheKeeper : ISessionKeeper
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ServiceProvider _services = new ServiceCollection().AddDistributedMemoryCache().BuildServiceProvider();

    public async Task CreateAsync(int count)
    {
        var store = new DistributedSessionStore(_services.GetRequiredService<IDistributedCache>(), NullLoggerFactory.Instance);
        for (var i = 0; i < count; i++)
        {
            var session = store.Create(Guid.NewGuid().ToString(), Idle, Patience, static () => true, isNewSessionKey: true);
            session.SetString(Payload.Key, new string(Payload.First));
            await session.CommitAsync();
        }
    }

    public Task<bool> SleepAsync() => Task.FromResult(false);
}
