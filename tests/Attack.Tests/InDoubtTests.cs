using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>A write in doubt takes nothing with it that was acknowledged before, whatever became of it.</summary>
public class InDoubtTests
{
    public enum Fault
    {
        Fails,
        LosesReply,
        ArrivesLate,
    }

    public static TheoryData<Fault> Faults => [Fault.Fails, Fault.LosesReply, Fault.ArrivesLate];

    // Defect: a failed flush threw away the acknowledged changes of a write-behind session, though no silo had crashed.
    [Theory, MemberData(nameof(Faults))]
    public async Task Rotate_in_doubt_of_a_write_behind_session_keeps_its_unstored_changes(Fault fault)
    {
        await using var cluster = await SessionCluster.StartAsync(1, Attack.ShortTimeout);
        var session = await cluster.CreateAsync(Attack.WriteBehind);
        await session.SetAsync("quote", "acknowledged");
        var late = Break(cluster, fault, StorageOperationKind.Write);
        var next = SessionVerifier.New();
        var rotate = session.CommitRequest() with { NewVerifier = next.Hash() };

        await Attack.UnavailableAsync(() => session.Grain.CommitAsync(rotate));
        var again = await session.CommitUntilKnownAsync(rotate);
        await ReleaseAsync(late);

        Assert.Equal(SessionOutcome.Committed, again.Outcome);
        var reply = await SessionDriver.RetryAsync(() => session.Grain.OpenAsync(next.Hash(), OpenMode.Touch));
        Assert.Equal("acknowledged", SessionDriver.Text(reply, "quote"));
        Assert.Equal(SessionOutcome.Stale, (await session.OpenWithRetriesAsync()).Outcome);
    }

    // Defect: an activation with nothing unstored left its write in doubt, which arrived late and took what the next one had acknowledged.
    [Theory, MemberData(nameof(Faults))]
    public async Task Rotate_in_doubt_of_a_write_behind_session_takes_nothing_that_is_acknowledged_after_it(Fault fault)
    {
        await using var cluster = await SessionCluster.StartAsync(1, Attack.ShortTimeout);
        var session = await cluster.CreateAsync(Attack.WriteBehind);
        var late = Break(cluster, fault, StorageOperationKind.Write);
        var next = SessionVerifier.New().Hash();
        await Attack.UnavailableAsync(() => session.Grain.CommitAsync(session.CommitRequest() with { NewVerifier = next }));

        var commit = await session.CommitUntilKnownAsync(session.CommitRequest(SessionDriver.Set("quote", "acknowledged")));
        await ReleaseAsync(late);
        await cluster.DeactivateAsync(session.Id);

        if (fault == Fault.LosesReply)
        {
            Assert.Equal(SessionOutcome.Stale, commit.Outcome);
        }
        else
        {
            Assert.Equal("acknowledged", await session.ReadAsync("quote"));
        }
    }

    // Defect: the same, where the silo of the write in doubt is killed.
    [Fact]
    public async Task Rotate_in_doubt_of_a_killed_silo_takes_nothing_that_is_acknowledged_after_it()
    {
        await using var cluster = await SessionCluster.StartAsync(2, Attack.LongTimeout);
        var session = await cluster.CreateAsync(Attack.WriteBehind);
        var late = cluster.Store.HoldBefore(StorageOperationKind.Write);
        var lost = session.Grain.CommitAsync(session.CommitRequest() with { NewVerifier = SessionVerifier.New().Hash() }).AsTask();
        await late.Reached;
        await cluster.CrashAsync((await cluster.OwnerAsync(session.Id))!);
        await Assert.ThrowsAnyAsync<Exception>(() => lost);

        await session.CommitUntilKnownAsync(session.CommitRequest(SessionDriver.Set("quote", "acknowledged")));
        await late.ReleaseAsync();
        await cluster.DeactivateAsync(session.Id);

        Assert.Equal("acknowledged", SessionDriver.Text(await session.OpenWithRetriesAsync(), "quote"));
    }

    // Defect: the same, by the flush that the interval starts.
    [Theory, MemberData(nameof(Faults))]
    public async Task Flush_in_doubt_is_repeated_and_loses_nothing(Fault fault)
    {
        await using var cluster = await SessionCluster.StartAsync(1, Attack.ShortTimeout);
        var session = await cluster.CreateAsync(Attack.WriteBehind with { WriteBehindInterval = TimeSpan.FromMilliseconds(50) });
        var writes = cluster.Store.CountsOf(session.GrainId).Writes;
        var late = Break(cluster, fault, StorageOperationKind.Write);

        await session.SetAsync("quote", "acknowledged");
        await SessionCluster.UntilAsync(() => Task.FromResult(cluster.Store.CountsOf(session.GrainId).Writes > writes), "the flush is tried");

        Assert.Equal("acknowledged", SessionDriver.Text(await session.OpenWithRetriesAsync(), "quote"));
        await ReleaseAsync(late);
        await session.CommitWithRetriesAsync(SessionDriver.Set("other", "1"));
        await cluster.DeactivateAsync(session.Id);
        var reply = await session.OpenWithRetriesAsync();
        Assert.Equal("acknowledged", SessionDriver.Text(reply, "quote"));
        Assert.Equal("1", SessionDriver.Text(reply, "other"));
    }

    [Fact]
    public async Task Flush_that_fails_is_tried_again_without_any_call()
    {
        await using var cluster = await SessionCluster.StartAsync(1, Attack.ShortTimeout);
        var session = await cluster.CreateAsync(Attack.WriteBehind with { WriteBehindInterval = TimeSpan.FromMilliseconds(50) });
        cluster.Store.Fail(StorageOperationKind.Write);

        await session.SetAsync("quote", "acknowledged");

        await SessionCluster.UntilAsync(() => Task.FromResult(cluster.Store.CountsOf(session.GrainId).Writes == 3), "the flush is repeated");
        Assert.Equal("acknowledged", SessionDriver.Text(await session.OpenWithRetriesAsync(), "quote"));
    }

    // Defect: a flush that failed once on a planned deactivation lost the changes.
    [Theory]
    [InlineData(Fault.Fails)]
    [InlineData(Fault.LosesReply)]
    public async Task Deactivation_whose_flush_is_in_doubt_settles_it(Fault fault)
    {
        await using var cluster = await SessionCluster.StartAsync(1, Attack.ShortTimeout);
        var session = await cluster.CreateAsync(Attack.WriteBehind);
        await session.SetAsync("quote", "acknowledged");
        Break(cluster, fault, StorageOperationKind.Write);

        await cluster.DeactivateAsync(session.Id);

        Assert.Equal("acknowledged", await session.ReadAsync("quote"));
    }

    [Theory, MemberData(nameof(Faults))]
    public async Task Destroy_in_doubt_of_a_write_behind_session_ends_it_or_keeps_its_changes(Fault fault)
    {
        await using var cluster = await SessionCluster.StartAsync(1, Attack.ShortTimeout);
        var session = await cluster.CreateAsync(Attack.WriteBehind);
        await session.SetAsync("quote", "acknowledged");
        var late = Break(cluster, fault, StorageOperationKind.Write);

        await Attack.UnavailableAsync(() => session.Grain.DestroyAsync(new DestroySession { Verifier = session.Verifier.Hash() }));

        var reply = await session.OpenWithRetriesAsync();
        Assert.Equal(fault == Fault.LosesReply ? SessionOutcome.Gone : SessionOutcome.Opened, reply.Outcome);
        if (reply.Outcome == SessionOutcome.Opened)
        {
            Assert.Equal("acknowledged", SessionDriver.Text(reply, "quote"));
        }

        await ReleaseAsync(late);
        await SessionDriver.RetryAsync(() => session.Grain.DestroyAsync(new DestroySession { Verifier = session.Verifier.Hash() }));
        Assert.Equal(SessionOutcome.Gone, (await session.OpenWithRetriesAsync()).Outcome);
    }

    // Defect: a clear whose reply was lost, or that arrived late, took the whole session with it when it became volatile.
    [Theory, MemberData(nameof(Faults))]
    public async Task Change_to_volatile_in_doubt_loses_no_session(Fault fault)
    {
        await using var cluster = await SessionCluster.StartAsync(1, Attack.ShortTimeout);
        var session = await cluster.CreateAsync(null, SessionDriver.Set("quote", "acknowledged"));
        var late = Break(cluster, fault, StorageOperationKind.Clear);
        var request = session.CommitRequest(SessionDriver.Set("other", "1")) with { NewTerms = Attack.Volatile };

        await Attack.UnavailableAsync(() => session.Grain.CommitAsync(request));
        var before = await session.OpenWithRetriesAsync();
        Assert.Equal("acknowledged", SessionDriver.Text(before, "quote"));

        await ReleaseAsync(late);
        var again = await session.CommitUntilKnownAsync(request);

        Assert.Equal(SessionOutcome.Committed, again.Outcome);
        var reply = await session.OpenWithRetriesAsync();
        Assert.Equal("acknowledged", SessionDriver.Text(reply, "quote"));
        Assert.Equal("1", SessionDriver.Text(reply, "other"));
        Assert.Equal(2, reply.Snapshot!.Version);
        Assert.Empty(cluster.Store.RowsOf("session"));
    }

    // Defect: an insert in doubt took the volatile session with it that it was to store.
    [Theory, MemberData(nameof(Faults))]
    public async Task Change_to_stored_in_doubt_loses_no_session_and_leaves_no_row_that_comes_back(Fault fault)
    {
        await using var cluster = await SessionCluster.StartAsync(1, Attack.ShortTimeout);
        var session = await cluster.CreateAsync(Attack.Volatile, SessionDriver.Set("quote", "acknowledged"));
        var late = Break(cluster, fault, StorageOperationKind.Write);
        var request = session.CommitRequest(SessionDriver.Set("other", "1")) with { NewTerms = new SessionTerms() };

        await Attack.UnavailableAsync(() => session.Grain.CommitAsync(request));
        Assert.Equal("acknowledged", SessionDriver.Text(await session.OpenWithRetriesAsync(), "quote"));
        Assert.Equal(SessionOutcome.Committed, (await session.CommitUntilKnownAsync(request)).Outcome);
        cluster.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SessionOutcome.Destroyed, (await session.DestroyAsync()).Outcome);
        await ReleaseAsync(late);

        Assert.Equal(SessionOutcome.Gone, (await session.OpenWithRetriesAsync()).Outcome);
        await SessionCluster.UntilAsync(() => Task.FromResult(cluster.Store.RowsOf("session").Count == 0), "no row is left");
    }

    private static Task ReleaseAsync(HeldCall? late) => late?.ReleaseAsync() ?? Task.CompletedTask;

    private static HeldCall? Break(SessionCluster cluster, Fault fault, StorageOperationKind kind)
    {
        switch (fault)
        {
            case Fault.Fails:
                cluster.Store.Fail(kind);
                return null;
            case Fault.LosesReply:
                cluster.Store.LoseReply(kind);
                return null;
            default:
                return cluster.Store.HoldBefore(kind);
        }
    }
}
