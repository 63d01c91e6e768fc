using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>Dead stays dead: after an acknowledged destroy, expiry or rotation nothing reads the session or brings it back.</summary>
public class DeadStaysDeadTests
{
    public static TheoryData<short, SessionDurability> Clusters => new()
    {
        { 1, SessionDurability.WriteThrough },
        { 1, SessionDurability.WriteBehind },
        { 1, SessionDurability.Volatile },
        { 3, SessionDurability.WriteThrough },
        { 3, SessionDurability.Volatile },
    };

    [Theory, MemberData(nameof(Clusters))]
    public async Task Destroy_that_was_acknowledged_makes_every_operation_gone(short silos, SessionDurability durability)
    {
        await using var cluster = await SessionCluster.StartAsync(silos);
        var session = cluster.NewSession(new SessionTerms { Durability = durability });
        var create = session.CreateRequest(SessionDriver.Set("quote", "q"));
        await session.Grain.CreateAsync(create);
        var inFlight = session.CommitRequest(SessionDriver.Set("quote", "late"));

        Assert.Equal(SessionOutcome.Destroyed, (await session.DestroyAsync()).Outcome);

        Assert.Equal(SessionOutcome.Gone, (await session.OpenAsync()).Outcome);
        Assert.Equal(SessionOutcome.Gone, (await session.Grain.CommitAsync(inFlight)).Outcome);
        Assert.Equal(SessionOutcome.Gone, (await session.RotateAsync()).Outcome);
        Assert.Equal(SessionOutcome.Gone, (await session.DestroyAsync()).Outcome);
        Assert.Equal(SessionOutcome.Gone, (await session.Grain.CreateAsync(create)).Outcome);
        Assert.Equal(SessionOutcome.Gone, (await session.OpenAsync()).Outcome);
    }

    [Fact]
    public async Task Create_that_is_a_delayed_duplicate_after_a_destroy_is_refused_by_a_fresh_activation_too()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = cluster.NewSession();
        var create = session.CreateRequest();
        await session.Grain.CreateAsync(create);
        await session.DestroyAsync();

        await cluster.DeactivateAsync(session.Id);

        // The duplicate reaches an activation that knows nothing: the row refuses it.
        Assert.Equal(SessionOutcome.Gone, (await SessionDriver.RetryAsync(() => session.Grain.CreateAsync(create))).Outcome);
        Assert.Equal(SessionOutcome.Gone, (await session.OpenAsync()).Outcome);

        cluster.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await session.Grain.ExpireIfDueAsync()).Gone);
        Assert.Equal(SessionOutcome.Late, (await session.Grain.CreateAsync(create)).Outcome);
        Assert.Empty(cluster.Store.RowsOf("session"));
    }

    [Fact]
    public async Task Destroy_after_the_create_window_leaves_no_row()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        cluster.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(cluster.Store.RowsOf("session"));

        await session.DestroyAsync();

        Assert.Empty(cluster.Store.RowsOf("session"));
    }

    [Fact]
    public async Task Rotate_that_was_acknowledged_lets_the_old_token_open_nothing()
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var session = await cluster.CreateAsync(null, SessionDriver.Set("quote", "q"));
        var old = session.Verifier.Hash();
        var inFlight = session.CommitRequest(SessionDriver.Set("quote", "late"));

        Assert.Equal(SessionOutcome.Committed, (await session.RotateAsync()).Outcome);

        Assert.Equal(SessionOutcome.Stale, (await session.Grain.OpenAsync(old, OpenMode.Touch)).Outcome);
        Assert.Equal(SessionOutcome.Stale, (await session.Grain.CommitAsync(inFlight)).Outcome);
        Assert.Equal(SessionOutcome.Stale, (await session.Grain.DestroyAsync(new DestroySession { Verifier = old })).Outcome);
        Assert.Equal("q", await session.ReadAsync("quote"));
    }

    [Fact]
    public async Task Rotate_repeated_to_the_same_verifier_succeeds_and_its_duplicate_after_another_rotation_does_not()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var rotate = session.CommitRequest() with { NewVerifier = SessionVerifier.New().Hash() };
        await session.Grain.CommitAsync(rotate);

        Assert.Equal(SessionOutcome.Committed, (await session.Grain.CommitAsync(rotate)).Outcome);
        Assert.Equal(SessionOutcome.Committed, (await session.Grain.CommitAsync(rotate with { Operation = OperationId.New() })).Outcome);

        var second = rotate with { Operation = OperationId.New(), Verifier = rotate.NewVerifier.Value, NewVerifier = SessionVerifier.New().Hash() };
        Assert.Equal(SessionOutcome.Committed, (await session.Grain.CommitAsync(second)).Outcome);
        Assert.Equal(SessionOutcome.Stale, (await session.Grain.CommitAsync(rotate)).Outcome);
        Assert.Equal(SessionOutcome.Opened, (await session.Grain.OpenAsync(second.NewVerifier!.Value, OpenMode.Touch)).Outcome);
    }

    [Fact]
    public async Task Destroy_while_commits_run_lets_no_later_open_succeed()
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        for (var round = 0; round < 10; round++)
        {
            var session = await cluster.CreateAsync();
            var commits = Enumerable.Range(0, 20).Select(index => session.CommitWithRetriesAsync(SessionDriver.Set($"k{index}", "v"))).ToList();

            await session.DestroyAsync();

            Assert.Equal(SessionOutcome.Gone, (await session.OpenAsync()).Outcome);
            var replies = await Task.WhenAll(commits);
            Assert.All(replies, reply => Assert.True(reply.Outcome is SessionOutcome.Committed or SessionOutcome.Gone));
            Assert.Equal(SessionOutcome.Gone, (await session.OpenAsync()).Outcome);
        }
    }

    [Fact]
    public async Task Open_of_an_expired_session_stays_gone_when_the_clock_moves_back()
    {
        await using var cluster = await SessionCluster.StartAsync();
        cluster.Clock.AutoAdvanceAmount = TimeSpan.Zero;
        var session = await cluster.CreateAsync();
        cluster.Clock.Advance(TimeSpan.FromMinutes(21));
        Assert.Equal(SessionOutcome.Gone, (await session.OpenAsync()).Outcome);

        cluster.Clock.AdjustTime(cluster.Clock.GetUtcNow() - TimeSpan.FromMinutes(20));

        Assert.Equal(SessionOutcome.Gone, (await session.OpenAsync()).Outcome);
    }
}
