using Microsoft.Extensions.DependencyInjection;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Expiry;

/// <summary>Nothing is left behind: rows of sessions that nobody asks for again leave the storage, whatever happened in between.</summary>
public class SweepTests
{
    private static readonly SessionTerms Short = new() { IdleTimeout = TimeSpan.FromMinutes(10), AbsoluteLifetime = TimeSpan.FromHours(1) };
    private static readonly SessionTerms Long = new() { IdleTimeout = TimeSpan.FromDays(14), AbsoluteLifetime = TimeSpan.FromDays(30) };

    [Fact]
    public async Task Sweep_after_days_without_a_process_removes_the_dead_and_leaves_the_living()
    {
        await using var before = await SessionCluster.StartAsync();
        var dead = await before.CreateReservedAsync(40, Short);
        var living = await before.CreateReservedAsync(3, Long);
        await using var after = await before.KillAndStartAsync();
        after.Clock.Advance(TimeSpan.FromDays(3));

        var reply = await after.SweepDueAsync();

        Assert.Equal(40, reply.Removed);
        Assert.Equal(living.Select(static session => session.GrainId).Order(), after.Store.RowsOf("session").Keys.Order());
        Assert.Single(after.Store.RowsOf(ExpiryHead.State));
        Assert.All(dead, session => Assert.Contains("ended: Expired", after.Events.Of(session.Id)));
    }

    [Fact]
    public async Task Sweep_when_all_sessions_are_gone_leaves_no_row_at_all()
    {
        await using var cluster = await SessionCluster.StartAsync();
        await cluster.CreateReservedAsync(20, Short);
        await cluster.CreateReservedAsync(2, Long, shard: 6);
        var destroyed = await cluster.CreateReservedAsync(20, Long, shard: 7);
        cluster.Clock.Advance(TimeSpan.FromMinutes(2));
        foreach (var session in destroyed)
        {
            Assert.Equal(SessionOutcome.Destroyed, (await session.DestroyAsync()).Outcome);
        }

        cluster.Clock.Advance(TimeSpan.FromDays(40));
        await cluster.SweepDueAsync();

        Assert.Equal(0, cluster.Store.Count);
    }

    [Fact]
    public async Task Sweep_of_a_session_whose_accesses_are_only_in_memory_does_not_end_it()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = Assert.Single(await cluster.CreateReservedAsync(1, Short));
        cluster.Clock.Advance(TimeSpan.FromMinutes(2));
        await session.OpenAsync();
        Assert.Equal(1, cluster.Store.CountsOf(session.GrainId).Writes);

        cluster.Clock.Advance(TimeSpan.FromMinutes(9));
        var reply = await cluster.SweepDueAsync();

        Assert.Equal((1, 0), (reply.Looked, reply.Removed));
        Assert.Equal(SessionOutcome.Opened, (await session.OpenAsync()).Outcome);
    }

    [Fact]
    public async Task Sweep_of_ids_that_were_never_used_drops_them_at_the_first_look()
    {
        await using var cluster = await SessionCluster.StartAsync();
        await cluster.Shard(9).ReserveAsync(256, TimeSpan.Zero);
        Assert.Single(cluster.Store.RowsOf(ExpiryHead.State));

        cluster.Clock.Advance(Sweeps.Settling);
        var reply = await cluster.SweepDueAsync();

        Assert.Equal(256, reply.Looked);
        Assert.Equal(0, cluster.Store.Count);
    }

    [Fact]
    public async Task Sweep_while_an_id_may_still_be_used_keeps_it()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var block = await cluster.Shard(9).ReserveAsync(8, TimeSpan.Zero);
        cluster.Clock.Advance(Sweeps.Settling - TimeSpan.FromSeconds(1));
        await cluster.SweepAllAsync();

        var session = new SessionDriver(cluster, block.ToIds()[3], Short);
        await session.CreateAsync();
        await cluster.DeactivateAsync(session.Id);
        cluster.Clock.Advance(TimeSpan.FromHours(1));
        var reply = await cluster.SweepDueAsync();

        Assert.Equal(1, reply.Removed);
        Assert.Equal(0, cluster.Store.Count);
    }

    [Fact]
    public async Task Sweep_before_the_first_look_is_due_asks_the_storage_for_nothing()
    {
        await using var cluster = await SessionCluster.StartAsync();
        await cluster.CreateReservedAsync(4, Short);
        cluster.Clock.Advance(Sweeps.Settling);

        var reply = await cluster.SweepDueAsync();

        Assert.Equal(default, reply);
    }

    [Fact]
    public async Task Sweep_of_sessions_whose_terms_grew_after_the_registration_waits_for_the_new_deadline()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = Assert.Single(await cluster.CreateReservedAsync(1, Short));
        await session.Grain.CommitAsync(session.CommitRequest() with { NewTerms = Long });
        await cluster.DeactivateAsync(session.Id);

        cluster.Clock.Advance(TimeSpan.FromDays(13));
        await cluster.SweepDueAsync();
        Assert.Equal(SessionOutcome.Opened, (await session.OpenAsync(OpenMode.Peek)).Outcome);

        await cluster.DeactivateAsync(session.Id);
        cluster.Clock.Advance(TimeSpan.FromDays(3));
        await cluster.SweepDueAsync();
        Assert.Equal(0, cluster.Store.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sweep_of_sessions_that_were_destroyed_seconds_after_their_creation_removes_their_marks(bool planned)
    {
        await using var before = await SessionCluster.StartAsync();
        foreach (var session in await before.CreateReservedAsync(3, Short))
        {
            Assert.Equal(SessionOutcome.Destroyed, (await session.DestroyAsync()).Outcome);
        }

        Assert.Equal(3, before.Store.RowsOf("session").Count);
        if (planned)
        {
            await before.Inner.StopAllSilosAsync();
        }

        await using var after = planned ? await SessionCluster.StartAsync(sharing: before) : await before.KillAndStartAsync();
        Assert.Equal(3, after.Store.RowsOf("session").Count);
        after.Clock.Advance(Short.IdleTimeout);

        var reply = await after.SweepDueAsync();

        Assert.Equal(3, reply.Removed);
        Assert.Equal(0, after.Store.Count);
    }

    [Fact]
    public async Task Sweep_before_a_mark_is_due_leaves_it_to_refuse_the_delayed_create()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = Assert.Single(await cluster.CreateReservedAsync(1, Short));
        await session.DestroyAsync();
        await cluster.DeactivateAsync(session.Id);

        await cluster.SweepAllAsync();

        Assert.Single(cluster.Store.RowsOf("session"));
        Assert.Equal(SessionOutcome.Gone, (await session.CreateAsync()).Outcome);
    }

    [Fact]
    public async Task Sweep_of_a_row_that_nobody_can_read_keeps_it_and_comes_back_a_day_later()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var sessions = await cluster.CreateReservedAsync(3, Short);
        foreach (var session in sessions)
        {
            await cluster.DeactivateAsync(session.Id);
        }

        cluster.WriteRaw(sessions[0].GrainId, [1, 255]);
        cluster.WriteRaw(sessions[1].GrainId, [0xA0, 0x06, (byte)(StoredForm.Format + 1)]);
        cluster.Clock.Advance(TimeSpan.FromHours(2));

        Assert.Equal(1, (await cluster.SweepDueAsync()).Removed);
        Assert.Equal(0, (await cluster.SweepDueAsync()).Looked);
        Assert.Equal(2, cluster.Store.RowsOf("session").Count);

        cluster.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(2, (await cluster.SweepDueAsync()).Looked);
        Assert.Equal(2, cluster.Store.RowsOf("session").Count);
    }

    [Fact]
    public async Task Sweep_brings_no_living_session_into_memory()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = Assert.Single(await cluster.CreateReservedAsync(1, Long));
        await cluster.DeactivateAsync(session.Id);

        cluster.Clock.Advance(TimeSpan.FromDays(1));
        await cluster.SweepAllAsync();

        Assert.Null(await cluster.OwnerAsync(session.Id));
        Assert.Equal(1, cluster.Store.CountsOf(session.GrainId).Writes);
    }

    [Fact]
    public async Task Expiry_of_a_stored_session_that_is_not_due_leaves_it_in_the_storage_only()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = Assert.Single(await cluster.CreateReservedAsync(1, Long));
        await cluster.DeactivateAsync(session.Id);

        Assert.False((await session.Grain.ExpireIfDueAsync()).Gone);

        await SessionCluster.UntilAsync(async () => await cluster.OwnerAsync(session.Id) is null, "the session leaves memory at once");
    }

    [Fact]
    public async Task Sweep_by_a_silo_whose_clock_is_an_operation_window_ahead_keeps_the_ids_of_a_create_on_its_way()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var window = new SessionGrainOptions().OperationWindow;
        var block = await cluster.Shard(9).ReserveAsync(8, TimeSpan.Zero);
        var session = new SessionDriver(cluster, block.ToIds()[0], Short);

        // The frontend uses the id in its last moment, its clock is one window ahead of the grain's, and the message takes as long as the grain lets it.
        var registered = cluster.Clock.GetUtcNow();
        var lastUse = registered + block.ValidFor;
        var create = session.CreateRequest() with { IssuedAt = lastUse + window };
        var arrival = lastUse + (window * 2);
        cluster.Clock.AdjustTime(arrival + window - TimeSpan.FromTicks(1));
        await cluster.SweepAllAsync();
        cluster.Clock.AdjustTime(arrival);
        Assert.Equal(SessionOutcome.Created, (await session.Grain.CreateAsync(create)).Outcome);

        await cluster.DeactivateAsync(session.Id);
        cluster.Clock.Advance(TimeSpan.FromHours(3));
        await cluster.SweepDueAsync();
        Assert.Equal(0, cluster.Store.Count);
    }

    [Fact]
    public async Task Sweep_by_a_silo_whose_clock_is_behind_ends_nothing_that_lives()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = Assert.Single(await cluster.CreateReservedAsync(1, Short));
        var now = cluster.Clock.GetUtcNow();
        cluster.Clock.AdjustTime(now - TimeSpan.FromMinutes(5));

        await cluster.SweepAllAsync();

        cluster.Clock.AdjustTime(now + TimeSpan.FromMinutes(9));
        Assert.Equal(SessionOutcome.Opened, (await session.OpenAsync()).Outcome);
    }

    [Fact]
    public async Task Sweep_by_the_silos_themselves_needs_no_call()
    {
        await using var before = await SessionCluster.StartAsync();
        await before.CreateReservedAsync(5, Short);
        before.Clock.Advance(TimeSpan.FromMinutes(1));
        await using var after = await before.KillAndStartAsync(silos: 2, static options =>
        {
            options.Expiry.Enabled = true;
            options.Expiry.Interval = TimeSpan.FromSeconds(1);
        });
        after.Clock.Advance(TimeSpan.FromDays(1));

        await SessionCluster.UntilAsync(() => Task.FromResult(after.Store.Count == 0), "the silos sweep by themselves");
    }

    [Fact]
    public async Task Sweep_by_the_silos_themselves_can_be_turned_off()
    {
        await using var off = await SessionCluster.StartAsync(1, static options => options.Expiry.Enabled = false);
        await using var on = await SessionCluster.StartAsync(1, static options => options.Expiry.Enabled = true);

        Assert.False(off.Silos[0].ServiceProvider.GetRequiredService<ExpiryDriver>().IsRunning);
        Assert.True(on.Silos[0].ServiceProvider.GetRequiredService<ExpiryDriver>().IsRunning);
    }
}
