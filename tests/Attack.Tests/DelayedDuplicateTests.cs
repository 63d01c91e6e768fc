using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>A message that arrives again, long after: on another activation, another silo, with another clock.</summary>
public class DelayedDuplicateTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(29)]
    [InlineData(60)]
    public async Task Create_after_destroy_with_its_silo_killed_between_makes_no_session(int secondsToDestroy)
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var session = cluster.NewSession();
        var create = session.CreateRequest();
        await session.Grain.CreateAsync(create);
        cluster.Clock.Advance(TimeSpan.FromSeconds(secondsToDestroy));
        var owner = await cluster.OwnerAsync(session.Id);
        await session.DestroyAsync();

        await cluster.CrashAsync(owner!);

        var reply = await SessionDriver.RetryAsync(() => session.Grain.CreateAsync(create));
        Assert.True(reply.Outcome is SessionOutcome.Gone or SessionOutcome.Late, $"{reply.Outcome}");
        Assert.Equal(SessionOutcome.Gone, (await session.OpenWithRetriesAsync()).Outcome);
    }

    // Defect: the tombstone went after the create window of the ending silo's clock, and a silo behind it still accepted the create.
    [Theory]
    [InlineData(SessionEndReason.Destroyed)]
    [InlineData(SessionEndReason.Expired)]
    public async Task Create_after_the_end_on_a_silo_whose_clock_is_behind_makes_no_session(SessionEndReason reason)
    {
        var clocks = new SiloClocks();
        await using var cluster = await SessionCluster.StartAsync(1, null, clocks.Configure);
        clocks.SetAll(TimeSpan.FromSeconds(5));
        var session = cluster.NewSession(new SessionTerms { IdleTimeout = TimeSpan.FromSeconds(reason == SessionEndReason.Expired ? 10 : 600) });
        var create = session.CreateRequest();
        await session.Grain.CreateAsync(create);
        cluster.Clock.Advance(TimeSpan.FromSeconds(11));
        if (reason == SessionEndReason.Destroyed)
        {
            await session.DestroyAsync();
        }

        await session.Grain.ExpireIfDueAsync();
        await cluster.DeactivateAsync(session.Id);

        clocks.SetAll(TimeSpan.FromSeconds(-5));
        var reply = await session.Grain.CreateAsync(create);

        Assert.Equal(SessionOutcome.Gone, reply.Outcome);
        Assert.Equal(SessionOutcome.Gone, (await session.OpenWithRetriesAsync()).Outcome);
    }

    // Defect: only the activation knew that a volatile session had ended, and it did not tell the silo it moved to.
    [Fact]
    public async Task Create_after_destroy_of_a_volatile_session_with_a_planned_shutdown_between_makes_no_session()
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var session = cluster.NewSession(Attack.Volatile);
        var create = session.CreateRequest();
        await session.Grain.CreateAsync(create);
        await session.DestroyAsync();

        await cluster.StopAsync((await cluster.OwnerAsync(session.Id))!);

        Assert.Equal(SessionOutcome.Gone, (await SessionDriver.RetryAsync(() => session.Grain.CreateAsync(create))).Outcome);
        Assert.Equal(SessionOutcome.Gone, (await session.OpenWithRetriesAsync()).Outcome);
        Assert.Equal(default, cluster.Store.CountsOf(session.GrainId) with { Reads = 0 });
    }

    // Defect: a volatile create asked no row, so a duplicate of it started a session again that had been given a row, or had ended with one.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Create_of_a_volatile_session_that_was_given_a_row_since_makes_no_second_one(bool destroyed)
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = cluster.NewSession(Attack.Volatile);
        var create = session.CreateRequest(SessionDriver.Set("quote", "first"));
        await session.Grain.CreateAsync(create);
        await session.Grain.CommitAsync(session.CommitRequest(SessionDriver.Set("quote", "stored")) with { NewTerms = SessionTerms.Default });
        if (destroyed)
        {
            await session.DestroyAsync();
        }

        await cluster.DeactivateAsync(session.Id);
        var reply = await session.Grain.CreateAsync(create);

        Assert.Equal(SessionOutcome.Gone, reply.Outcome);
        var open = await session.OpenWithRetriesAsync();
        Assert.Equal(destroyed ? SessionOutcome.Gone : SessionOutcome.Opened, open.Outcome);
        Assert.Equal(destroyed ? null : "stored", open.Snapshot is null ? null : SessionDriver.Text(open, "quote"));
    }

    // Defect: an operation forgotten on a silo with a fast clock was applied again on one with a slow clock.
    [Fact]
    public async Task Increment_repeated_on_a_silo_whose_clock_is_behind_the_one_that_forgot_it_is_not_applied_again()
    {
        var clocks = new SiloClocks();
        await using var cluster = await SessionCluster.StartAsync(1, null, clocks.Configure);
        clocks.SetAll(TimeSpan.FromSeconds(5));
        var session = await cluster.CreateAsync();
        var increment = session.CommitRequest(SessionChange.Increment("visits"));
        await session.Grain.CommitAsync(increment);
        cluster.Clock.Advance(TimeSpan.FromSeconds(11));
        await session.SetAsync("other", "1");

        await cluster.DeactivateAsync(session.Id);
        clocks.SetAll(TimeSpan.FromSeconds(-5));
        var reply = await session.Grain.CommitAsync(increment);

        Assert.Equal(SessionOutcome.Late, reply.Outcome);
        Assert.Equal("1", await session.ReadAsync("visits"));
        Assert.Equal(SessionOutcome.Committed, (await session.SetAsync("other", "2")).Outcome);
    }

    // Defect: only the activation knew that it had refused a commit, so a duplicate was applied by the next one when there was room again.
    [Fact]
    public async Task Commit_refused_is_not_applied_by_a_fresh_activation_when_there_is_room_again()
    {
        await using var cluster = await SessionCluster.StartAsync(1, static options => options.Limits = new SessionLimits { Keys = 1 });
        var session = await cluster.CreateAsync(null, SessionDriver.Set("quote", "q"));
        var refused = session.CommitRequest(SessionDriver.Set("other", "1"));
        Assert.Equal(SessionOutcome.TooLarge, (await session.Grain.CommitAsync(refused)).Outcome);
        await cluster.DeactivateAsync(session.Id);
        await session.CommitAsync(SessionChange.Clear());

        var reply = await session.Grain.CommitAsync(refused);

        Assert.Equal(SessionOutcome.TooLarge, reply.Outcome);
        Assert.Null(await session.ReadAsync("other"));
    }

    // Defect: a repeat with a replaced token was answered with what the session held after the rotation.
    [Fact]
    public async Task Commit_repeated_with_a_replaced_token_tells_its_result_and_nothing_of_the_session()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var commit = session.CommitRequest(SessionChange.Increment("visits"));
        await session.Grain.CommitAsync(commit);
        await session.RotateAsync();
        await session.SetAsync("secret", "of the signed-in user");

        var reply = await session.Grain.CommitAsync(commit);

        Assert.Equal(SessionOutcome.Committed, reply.Outcome);
        Assert.Equal(1, reply.Results![0].Number);
        Assert.Null(reply.Snapshot);
    }

    [Fact]
    public async Task Rotate_repeated_by_its_own_request_still_tells_the_session()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(null, SessionDriver.Set("quote", "q"));
        var rotate = session.CommitRequest() with { NewVerifier = SessionVerifier.New().Hash() };
        await session.Grain.CommitAsync(rotate);

        Assert.Equal("q", SessionDriver.Text(await session.Grain.CommitAsync(rotate), "quote"));
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(0)]
    [InlineData(5)]
    public async Task Operation_of_any_kind_delayed_past_a_destroy_and_a_kill_finds_nothing(int seconds)
    {
        var clocks = new SiloClocks();
        await using var cluster = await SessionCluster.StartAsync(2, null, clocks.Configure);
        clocks[cluster.Silos[0].SiloAddress] = TimeSpan.FromSeconds(seconds);
        clocks[cluster.Silos[1].SiloAddress] = TimeSpan.FromSeconds(-seconds);
        var session = await cluster.CreateAsync(null, SessionDriver.Set("quote", "q"));
        var set = session.CommitRequest(SessionDriver.Set("quote", "late"));
        var first = session.CommitRequest() with { NewVerifier = SessionVerifier.New().Hash() };
        await session.Grain.CommitAsync(set);
        await session.Grain.CommitAsync(first);
        var second = session.CommitRequest() with { Verifier = first.NewVerifier.Value, NewVerifier = SessionVerifier.New().Hash() };
        await session.Grain.CommitAsync(second);
        Assert.Equal(SessionOutcome.Stale, (await session.Grain.CommitAsync(first)).Outcome);
        Assert.Equal(SessionOutcome.Stale, (await session.Grain.CommitAsync(set)).Outcome);
        Assert.Equal(SessionOutcome.Stale, (await session.OpenAsync()).Outcome);
        var destroy = new DestroySession { Verifier = second.NewVerifier };
        Assert.Equal(SessionOutcome.Destroyed, (await session.Grain.DestroyAsync(destroy)).Outcome);

        await cluster.CrashAsync((await cluster.OwnerAsync(session.Id))!);

        Assert.All(
            [
                await session.CommitUntilKnownAsync(set),
                await session.CommitUntilKnownAsync(first),
                await session.CommitUntilKnownAsync(second),
                await SessionDriver.RetryAsync(() => session.Grain.DestroyAsync(destroy)),
                await SessionDriver.RetryAsync(() => session.Grain.OpenAsync(second.NewVerifier!.Value, OpenMode.Touch)),
            ],
            reply => Assert.Equal(SessionOutcome.Gone, reply.Outcome));
    }
}
