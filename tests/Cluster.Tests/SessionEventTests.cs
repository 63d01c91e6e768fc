using Microsoft.Extensions.DependencyInjection;
using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>Silo-side handlers hear of created, destroyed with its reason, expired, and stolen tokens.</summary>
public class SessionEventTests
{
    [Fact]
    public async Task Events_of_a_session_come_in_order_with_their_reason()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var destroyed = await cluster.CreateAsync();
        await destroyed.DestroyAsync();
        var administered = await cluster.CreateAsync();
        await administered.Grain.DestroyAsync(new DestroySession());

        await SessionCluster.UntilAsync(() => Task.FromResult(cluster.Events.Of(administered.Id).Count() == 2), "both events are told");
        Assert.Equal(["created", "ended: Destroyed"], cluster.Events.Of(destroyed.Id));
        Assert.Equal(["created", "ended: Administrator"], cluster.Events.Of(administered.Id));
    }

    [Fact]
    public async Task Token_that_is_stale_is_quiet_within_the_grace_period_and_told_after_it()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var old = session.Verifier.Hash();
        await session.RotateAsync();
        cluster.Clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(SessionOutcome.Stale, (await session.Grain.OpenAsync(old, OpenMode.Touch)).Outcome);

        cluster.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(SessionOutcome.Stale, (await session.Grain.OpenAsync(old, OpenMode.Touch)).Outcome);
        await session.DestroyAsync();

        await SessionCluster.UntilAsync(() => Task.FromResult(cluster.Events.Of(session.Id).Contains("ended: Destroyed")), "the events are told");
        Assert.Equal(["created", "rotated", "stale token", "ended: Destroyed"], cluster.Events.Of(session.Id));
    }

    [Fact]
    public async Task Handler_that_throws_or_blocks_delays_no_session_and_no_other_handler_is_lost()
    {
        var release = new TaskCompletionSource();
        await using var cluster = await SessionCluster.StartAsync(1, null, silo => silo.Services.AddSingleton<ISessionEventHandler>(new Difficult(release.Task)));

        var session = await cluster.CreateAsync();
        Assert.Equal(SessionOutcome.Committed, (await session.SetAsync("a", "1")).Outcome);
        release.SetResult();
        await session.DestroyAsync();

        await SessionCluster.UntilAsync(() => Task.FromResult(cluster.Events.Of(session.Id).Contains("ended: Destroyed")), "the events are told");
    }

    private sealed class Difficult(Task release) : ISessionEventHandler
    {
        public async ValueTask OnCreatedAsync(SessionId id, CancellationToken cancellationToken)
        {
            await release;
            throw new InvalidOperationException("The handler is broken.");
        }
    }
}
