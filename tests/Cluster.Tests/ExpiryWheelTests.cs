using Microsoft.Extensions.DependencyInjection;
using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>The wheel in a silo: sessions end by it without any call, and none of them stays in it.</summary>
public class ExpiryWheelTests
{
    [Fact]
    public async Task Sessions_that_expired_or_were_destroyed_leave_no_entry_in_the_wheel()
    {
        const int Sessions = 10_000;
        const int Attempts = 10;

        // The real clock: what is shown here is that the wheel turns by itself. Tombstones stand for twice the operation window.
        await using var cluster = await SessionCluster.StartAsync(
            1, static options => options.OperationWindow = TimeSpan.FromSeconds(2), static silo => silo.Services.AddSingleton(new SessionClock(TimeProvider.System)));
        var wheel = Wheel(cluster);
        var armed = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, Sessions), async (i, _) =>
        {
            var durability = i % 2 == 0 ? SessionDurability.Volatile : SessionDurability.WriteThrough;
            var session = cluster.NewSession(new SessionTerms { IdleTimeout = TimeSpan.FromSeconds(1), AbsoluteLifetime = TimeSpan.FromSeconds(60), Durability = durability });
            SessionReply reply;
            var attempt = 0;
            do
            {
                // Late where the machine stood still for longer than the operation window.
                reply = await session.Grain.CreateAsync(session.CreateRequest() with { IssuedAt = TimeProvider.System.GetUtcNow() });
            }
            while (reply.Outcome == SessionOutcome.Late && ++attempt < Attempts);

            Assert.Equal(SessionOutcome.Created, reply.Outcome);
            Interlocked.CompareExchange(ref armed, wheel.Count, 0);
            if (i % 4 < 2)
            {
                await session.DestroyAsync();
            }
        });
        Assert.NotEqual(0, armed);

        await SessionCluster.UntilAsync(() => Task.FromResult(wheel.Count == 0), "the wheel is empty");
        await SessionCluster.UntilAsync(async () => await SessionActivationsAsync(cluster) == 0, "all activations are gone");
        Assert.Equal(0, wheel.Count);
        Assert.Equal(0, cluster.Store.Count);
    }

    [Fact]
    public async Task Activation_that_goes_before_its_deadline_takes_its_entry_along()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(new SessionTerms { Durability = SessionDurability.Volatile });
        var before = Wheel(cluster).Count;

        await cluster.DeactivateAsync(session.Id);

        Assert.Equal((1, 0), (before, Wheel(cluster).Count));
    }

    private static ExpiryWheel Wheel(SessionCluster cluster) => cluster.Silos[0].ServiceProvider.GetRequiredService<ExpiryWheel>();

    private static async Task<int> SessionActivationsAsync(SessionCluster cluster)
    {
        var counts = await cluster.Inner.Client.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics();
        return counts.Where(static count => count.GrainType.Contains(nameof(SessionGrain), StringComparison.Ordinal)).Sum(static count => count.ActivationCount);
    }
}
