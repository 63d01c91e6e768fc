using Microsoft.Extensions.DependencyInjection;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>
/// What its caller has given up, and answered as failed, does not begin any more: wherever the message waited meanwhile, in the socket of a
/// silo that stood still, for the session or for its storage.
/// </summary>
public class GivenUpTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    public enum Operation
    {
        Commit,
        Rotate,
        NewTerms,
        Destroy,
        DestroyByAdministrator,
    }

    public static TheoryData<Operation> Operations => [.. Enum.GetValues<Operation>()];

    // Defect: a change that was answered 503 replaced a later acknowledged one of the same client.
    [Fact]
    public async Task Commit_given_up_does_not_replace_a_later_acknowledged_one()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var waiting = GiveUp(cluster, session.CommitRequest(SessionDriver.Set("a", "first")));
        cluster.Clock.Advance(Patience + Tick);
        await session.SetAsync("a", "second");

        var reply = await session.Grain.CommitAsync(waiting);

        Assert.Equal(SessionOutcome.Late, reply.Outcome);
        Assert.Null(reply.Snapshot);
        Assert.Equal("second", await session.ReadAsync("a"));
    }

    [Theory, MemberData(nameof(Operations))]
    public async Task Operation_that_arrives_when_its_caller_gives_up_is_done_and_one_tick_later_it_is_not(Operation operation)
    {
        await using var cluster = await SessionCluster.StartAsync();
        var (waited, given) = (await cluster.CreateAsync(), await cluster.CreateAsync());
        var (before, after) = (Prepare(cluster, waited, operation), Prepare(cluster, given, operation));

        cluster.Clock.Advance(Patience);
        Assert.True((await before()).Outcome is SessionOutcome.Committed or SessionOutcome.Destroyed);
        cluster.Clock.Advance(Tick);
        Assert.Equal(SessionOutcome.Late, (await after()).Outcome);

        var open = await given.OpenAsync();
        Assert.Equal(SessionOutcome.Opened, open.Outcome);
        Assert.Equal(1, open.Snapshot!.Version);
    }

    [Theory, MemberData(nameof(Operations))]
    public async Task Operation_that_waits_for_the_session_while_its_caller_gives_up_is_not_done(Operation operation)
    {
        await using var cluster = await SessionCluster.StartAsync(1, Attack.LongTimeout);
        var session = await cluster.CreateAsync();
        var held = cluster.Store.HoldBefore(StorageOperationKind.Write);
        var first = session.SetAsync("a", "first");
        await held.Reached;

        var waiting = Prepare(cluster, session, operation)().AsTask();
        cluster.Clock.Advance(Patience + Tick);
        await held.ReleaseAsync();

        Assert.Equal(SessionOutcome.Committed, (await first).Outcome);
        Assert.Equal(SessionOutcome.Late, (await waiting).Outcome);
        Assert.Equal("first", await session.ReadAsync("a"));
    }

    [Theory, MemberData(nameof(Operations))]
    public async Task Operation_that_waits_for_the_row_while_its_caller_gives_up_is_not_done(Operation operation)
    {
        await using var cluster = await SessionCluster.StartAsync(1, Attack.LongTimeout);
        var session = await cluster.CreateAsync();
        await cluster.DeactivateAsync(session.Id);
        var writes = cluster.Store.CountsOf(session.GrainId).Writes;
        var held = cluster.Store.HoldBefore(StorageOperationKind.Read);

        var waiting = Prepare(cluster, session, operation)().AsTask();
        await held.Reached;
        cluster.Clock.Advance(Patience + Tick);
        await held.ReleaseAsync();

        Assert.Equal(SessionOutcome.Late, (await waiting).Outcome);
        Assert.Equal(writes, cluster.Store.CountsOf(session.GrainId).Writes);
        Assert.Equal(1, (await session.OpenAsync()).Snapshot!.Version);
    }

    [Fact]
    public async Task Create_given_up_makes_no_session_and_no_row()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = cluster.NewSession();
        var create = session.CreateRequest() with { NotAfter = cluster.Clock.GetUtcNow() + Patience };
        cluster.Clock.Advance(Patience + Tick);

        Assert.Equal(SessionOutcome.Late, (await session.Grain.CreateAsync(create)).Outcome);

        Assert.Equal(SessionOutcome.Gone, (await session.OpenAsync()).Outcome);
        Assert.Equal(0, cluster.Store.CountsOf(session.GrainId).Writes);
    }

    [Fact]
    public async Task Create_of_a_volatile_session_that_waits_for_the_storage_while_its_caller_gives_up_makes_no_session()
    {
        await using var cluster = await SessionCluster.StartAsync(1, Attack.LongTimeout);
        var session = cluster.NewSession(Attack.Volatile);
        var create = session.CreateRequest() with { NotAfter = cluster.Clock.GetUtcNow() + Patience };
        var held = cluster.Store.HoldBefore(StorageOperationKind.Read);
        var waiting = session.Grain.CreateAsync(create).AsTask();
        await held.Reached;
        cluster.Clock.Advance(Patience + Tick);
        await held.ReleaseAsync();

        Assert.Equal(SessionOutcome.Late, (await waiting).Outcome);
        Assert.Equal(SessionOutcome.Gone, (await session.OpenWithRetriesAsync()).Outcome);
    }

    [Fact]
    public async Task Commit_applied_in_time_is_answered_to_a_repeat_that_arrives_later()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var commit = GiveUp(cluster, session.CommitRequest(SessionChange.Increment("n")));
        await session.Grain.CommitAsync(commit);
        cluster.Clock.Advance(Patience + Tick);

        Assert.Equal(SessionOutcome.Committed, (await session.Grain.CommitAsync(commit)).Outcome);
        Assert.Equal("1", await session.ReadAsync("n"));
    }

    /// <summary>The caller waits longer than it first said; its first message is still on the way.</summary>
    [Fact]
    public async Task Commit_repeated_with_a_later_time_is_applied_once_whichever_message_arrives_first()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var first = GiveUp(cluster, session.CommitRequest(SessionChange.Increment("n")));
        var second = first with { NotAfter = first.NotAfter + Patience };
        cluster.Clock.Advance(Patience + Tick);

        Assert.Equal(SessionOutcome.Late, (await session.Grain.CommitAsync(first)).Outcome);
        Assert.Equal(SessionOutcome.Committed, (await session.Grain.CommitAsync(second)).Outcome);
        Assert.Equal(SessionOutcome.Committed, (await session.Grain.CommitAsync(first)).Outcome);

        Assert.Equal("1", await session.ReadAsync("n"));
    }

    /// <summary>Each silo compares with its own clock, so the bound is off by as much as that differs from the frontend's, and by no more.</summary>
    [Theory]
    [InlineData(-2)]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Commit_is_accepted_until_the_silos_own_clock_shows_the_time(int ahead)
    {
        var clocks = new SiloClocks();
        await using var cluster = await SessionCluster.StartAsync(1, null, clocks.Configure);
        var session = await cluster.CreateAsync();
        clocks.SetAll(TimeSpan.FromSeconds(ahead));
        var (last, late) = (GiveUp(cluster, session.CommitRequest(SessionChange.Increment("n"))), GiveUp(cluster, session.CommitRequest(SessionChange.Increment("n"))));

        cluster.Clock.Advance(Patience - TimeSpan.FromSeconds(ahead));
        Assert.Equal(SessionOutcome.Committed, (await session.Grain.CommitAsync(last)).Outcome);
        cluster.Clock.Advance(Tick);
        Assert.Equal(SessionOutcome.Late, (await session.Grain.CommitAsync(late)).Outcome);
    }

    /// <summary>Frontends before this sent no such time.</summary>
    [Fact]
    public async Task Operation_without_a_time_is_accepted_within_the_operation_window()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var commit = session.CommitRequest(SessionDriver.Set("a", "1"));
        cluster.Clock.Advance(new SessionGrainOptions().OperationWindow);

        Assert.Equal(SessionOutcome.Committed, (await session.Grain.CommitAsync(commit)).Outcome);
        Assert.Equal(SessionOutcome.Destroyed, (await session.DestroyAsync()).Outcome);
    }

    [Fact]
    public async Task Commit_made_locally_is_not_done_after_its_time_either()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var local = cluster.Silos[0].ServiceProvider.GetRequiredService<ILocalSessions>();
        local.TryOpen(session.Id, session.Verifier.Hash(), OpenMode.Peek, out _);
        await session.OpenAsync();
        var commit = GiveUp(cluster, session.CommitRequest(SessionChange.Increment("n")));
        cluster.Clock.Advance(Patience + Tick);

        Assert.True(local.TryCommit(session.Id, commit, out var reply));

        Assert.Equal(SessionOutcome.Late, (await reply).Outcome);
        Assert.Null(await session.ReadAsync("n"));
    }

    [Fact]
    public async Task Commit_given_up_is_no_access()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var deadline = (await session.OpenAsync()).ExpiresAt;
        var commit = GiveUp(cluster, session.CommitRequest(SessionDriver.Set("a", "1")));
        cluster.Clock.Advance(Patience + Tick);

        await session.Grain.CommitAsync(commit);

        Assert.Equal(deadline, (await session.OpenAsync(OpenMode.Peek)).ExpiresAt);
    }

    private static CommitSession GiveUp(SessionCluster cluster, CommitSession commit) => commit with { NotAfter = cluster.Clock.GetUtcNow() + Patience };

    /// <summary>The message of an operation whose caller waits from now on.</summary>
    private static Func<ValueTask<SessionReply>> Prepare(SessionCluster cluster, SessionDriver session, Operation operation)
    {
        var commit = GiveUp(cluster, session.CommitRequest());
        var destroy = new DestroySession
        {
            Verifier = operation == Operation.DestroyByAdministrator ? null : session.Verifier.Hash(),
            NotAfter = commit.NotAfter,
        };
        return operation switch
        {
            Operation.Commit => () => session.Grain.CommitAsync(commit with { Changes = [SessionDriver.Set("a", "late")] }),
            Operation.Rotate => () => session.Grain.CommitAsync(commit with { NewVerifier = SessionVerifier.New().Hash() }),
            Operation.NewTerms => () => session.Grain.CommitAsync(commit with { NewTerms = Attack.Volatile }),
            _ => () => session.Grain.DestroyAsync(destroy),
        };
    }
}
