using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using ServerSession.Benchmarks.Server;
using ServerSession.Benchmarks.Support;
using ServerSession.Grains;

namespace ServerSession.Benchmarks.Memory;

/// <summary>Sessions as grains of a silo in this process.</summary>
internal sealed class GrainKeeper : ISessionKeeper
{
    // Enough to keep the store's groups full, few enough that no call waits for long.
    private const int AtOnce = 256;

    private readonly IHost _host;
    private readonly SessionTerms _terms;

    private GrainKeeper(IHost host, SessionTerms terms)
    {
        _host = host;
        _terms = terms;
    }

    private IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public static async Task<GrainKeeper> StartAsync(SessionDurability durability, string folder)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.AddSilo(folder);
        var host = builder.Build();
        await host.StartAsync();
        return new(host, SessionTerms.Default with { Durability = durability });
    }

    public async Task CreateAsync(int count)
    {
        var left = count;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await CreateOneAsync();
            }
        }));
    }

    public async Task<bool> SleepAsync()
    {
        if (_terms.Durability == SessionDurability.Volatile)
        {
            return false;
        }

        var management = Grains.GetGrain<IManagementGrain>(0);
        await management.ForceActivationCollection(TimeSpan.Zero);
        while (await management.GetSimpleGrainStatistics() is var counts && counts.Any(static count => IsSession(count) && count.ActivationCount > 0))
        {
            await Task.Delay(100);
        }

        return true;
    }

    private static bool IsSession(SimpleGrainStatistic count) => count.GrainType.Contains(nameof(SessionGrain), StringComparison.Ordinal);

    private async Task CreateOneAsync()
    {
        var token = SessionToken.New();
        var reply = await Grains.GetGrain<ISessionGrain>(token.Id.ToGrainKey()).CreateAsync(new CreateSession
        {
            Verifier = token.Verifier.Hash(),
            Terms = _terms,
            IssuedAt = TimeProvider.System.GetUtcNow(),
            Changes = [SessionChange.Set(Payload.Key, Encoding.UTF8.GetBytes(Payload.First))],
            IsIdRegistered = true,
        });
        if (reply.Outcome != SessionOutcome.Created)
        {
            throw new InvalidOperationException($"A create ended as {reply.Outcome}.");
        }
    }
}
