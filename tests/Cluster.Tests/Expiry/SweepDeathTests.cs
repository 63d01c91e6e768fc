using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Expiry;

/// <summary>A sweep whose silo dies in the middle, and one by silos whose clocks differ.</summary>
public class SweepDeathTests
{
    private static readonly SessionTerms Short = new() { IdleTimeout = TimeSpan.FromMinutes(10), AbsoluteLifetime = TimeSpan.FromHours(1) };
    private static readonly SessionTerms Long = new() { IdleTimeout = TimeSpan.FromDays(14), AbsoluteLifetime = TimeSpan.FromDays(30) };

    [Theory]
    [InlineData(0, false)]
    [InlineData(11, true)]
    [InlineData(39, false)]
    [InlineData(39, true)]
    public async Task Sweep_whose_silo_dies_while_it_ends_a_session_is_finished_after_the_restart(int ended, bool takesEffect)
    {
        await using var before = await SessionCluster.StartAsync();
        await before.CreateReservedAsync(40, Short);
        var living = await before.CreateReservedAsync(3, Long, shard: 6);
        before.Clock.Advance(TimeSpan.FromDays(3));
        var reached = Hold(before.Store, ended, takesEffect);

        // The call never returns: its silo is gone.
        _ = before.SweepDueAsync().ContinueWith(static sweep => sweep.Exception, TaskScheduler.Default);
        await reached.WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
        Assert.True(before.Store.RowsOf("session").Count > living.Length - (takesEffect ? 1 : 0));
        await using var after = await before.KillAndStartAsync();
        after.Store.BeforeAsync = null;
        after.Store.AfterAsync = null;

        // What was being looked at is looked at again, as after any failure, when the interval is over.
        after.Clock.Advance(TimeSpan.FromHours(1));
        await after.SweepDueAsync();

        Assert.Equal(living.Select(static session => session.GrainId).Order(), after.Store.RowsOf("session").Keys.Order());
        Assert.Single(after.Store.RowsOf(ExpiryHead.State));
        Assert.All(living, session => Assert.DoesNotContain("ended: Expired", after.Events.Of(session.Id)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Sweep_by_silos_whose_clocks_differ_by_the_window_ends_nothing_that_lives_and_leaves_nothing_dead(int direction)
    {
        var window = new SessionGrainOptions().OperationWindow;
        var silos = 0;
        var clocks = new ConcurrentDictionary<SiloAddress, TimeSpan>();
        await using var cluster = await SessionCluster.StartAsync(2, silo: silo => silo.Services.AddSingleton(services =>
        {
            var offset = clocks.GetOrAdd(
                services.GetRequiredService<ILocalSiloDetails>().SiloAddress, _ => Interlocked.Increment(ref silos) == 1 ? TimeSpan.Zero : direction * window);
            return new SessionClock(new OffsetClock(services.GetRequiredService<SessionCluster.SharedClock>().Time, offset));
        }));
        Assert.Equal(2, clocks.Values.Distinct().Count());
        List<SessionDriver> sessions = [];
        for (var shard = 0; shard < 8; shard++)
        {
            sessions.AddRange(await cluster.CreateReservedAsync(3, Short, shard));
        }

        // For the silo whose clock is ahead, the rows that the other wrote are due; by the other's clock its sessions live for another half of the window.
        var ahead = TimeSpan.FromTicks(clocks.Values.Max(static offset => offset.Ticks));
        cluster.Clock.Advance(Short.IdleTimeout - (window / 2));
        List<SessionDriver> living = [];
        foreach (var session in sessions)
        {
            if (await cluster.OwnerAsync(session.Id) is { } owner && clocks[owner.SiloAddress] < ahead)
            {
                living.Add(session);
            }
        }

        Assert.NotEmpty(living);
        Assert.Equal(sessions.Count, (await cluster.SweepAllAsync()).Looked);
        foreach (var session in living)
        {
            Assert.Equal(SessionOutcome.Opened, (await session.OpenAsync(OpenMode.Peek)).Outcome);
        }

        cluster.Clock.Advance(TimeSpan.FromDays(2));
        await cluster.SweepDueAsync();
        Assert.Equal(0, cluster.Store.Count);
    }

    /// <summary>Lets so many sessions be deleted, and stops every deletion after them, before or after it took effect.</summary>
    private static Task Hold(SharedMemoryStore store, int deletions, bool takesEffect)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource();
        if (takesEffect)
        {
            store.AfterAsync = HoldAsync;
        }
        else
        {
            store.BeforeAsync = HoldAsync;
        }

        return reached.Task;

        ValueTask HoldAsync(StorageOperation operation)
        {
            if (operation is not { Kind: StorageOperationKind.Clear, StateName: "session" } || Interlocked.Decrement(ref deletions) >= 0)
            {
                return default;
            }

            reached.TrySetResult();
            return new ValueTask(never.Task);
        }
    }

    private sealed class OffsetClock(TimeProvider inner, TimeSpan offset) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + offset;
    }
}
