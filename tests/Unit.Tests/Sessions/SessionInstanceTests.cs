using ServerSession.Tests.Support;

namespace ServerSession.Tests.Sessions;

/// <summary>The session itself, without a silo: one operation after the other, and nothing served that is not stored.</summary>
public sealed class SessionInstanceTests : IDisposable
{
    private static readonly SessionTerms WriteBehind = new() { Durability = SessionDurability.WriteBehind, WriteBehindInterval = TimeSpan.FromSeconds(30) };
    private static readonly SessionTerms Volatile = new() { Durability = SessionDurability.Volatile };

    private readonly SessionHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task Destroy_while_a_commit_waits_for_the_store_comes_after_it()
    {
        var activation = await _harness.CreateAsync();
        var (arrived, release) = _harness.Rows.HoldNext("write");
        var commit = activation.Session.CommitAsync(_harness.Increment()).AsTask();
        await arrived;
        var destroy = activation.DestroyAsync().AsTask();
        var late = activation.Session.CommitAsync(_harness.Increment()).AsTask();
        Assert.False(destroy.IsCompleted);
        release.SetResult();

        Assert.Equal(SessionOutcome.Committed, (await commit).Outcome);
        Assert.Equal(SessionOutcome.Destroyed, (await destroy).Outcome);
        Assert.Equal(SessionOutcome.Gone, (await late).Outcome);
        Assert.True(SessionRecordCodec.Decode(_harness.Rows.Of(activation.GrainId)!).IsTombstone);
    }

    /// <summary>A silo holds a great many sessions: what each costs besides its state is counted.</summary>
    [Fact]
    public void Session_in_memory_takes_at_most_168_bytes_besides_its_state()
    {
        var activation = _harness.Activate();
        _ = new SessionInstance(activation);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var session = new SessionInstance(activation);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;

        GC.KeepAlive(session);
        Assert.InRange(bytes, 1, 168);
    }

    [Fact]
    public async Task Commit_while_a_destroy_waits_for_the_store_is_gone_and_writes_nothing()
    {
        var activation = await _harness.CreateAsync();
        _harness.Clock.Advance(TimeSpan.FromMinutes(1));
        var (arrived, release) = _harness.Rows.HoldNext("clear");
        var destroy = activation.DestroyAsync().AsTask();
        await arrived;
        var commit = activation.Session.CommitAsync(_harness.Increment()).AsTask();
        Assert.False(commit.IsCompleted);
        release.SetResult();

        Assert.Equal(SessionOutcome.Destroyed, (await destroy).Outcome);
        Assert.Equal(SessionOutcome.Gone, (await commit).Outcome);
        Assert.Null(_harness.Rows.Of(activation.GrainId));
        Assert.Equal(["write", "clear"], _harness.Rows.Calls);
    }

    [Fact]
    public async Task Commit_whose_write_failed_serves_nothing_more_and_the_next_activation_has_the_state_before()
    {
        var activation = await _harness.CreateAsync();
        await activation.Session.CommitAsync(_harness.Increment());
        _harness.Rows.FailNext("write");

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await activation.Session.CommitAsync(_harness.Increment()));

        Assert.True(activation.IsInDoubt);
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await activation.OpenAsync());
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await activation.DestroyAsync());
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await activation.Session.CreateAsync(_harness.CreateRequest()));
        Assert.Equal(2, (await _harness.Activate().OpenAsync()).Snapshot!.Version);
    }

    [Fact]
    public async Task Repeat_of_a_commit_whose_answer_was_lost_gets_its_result_and_is_applied_once()
    {
        var activation = await _harness.CreateAsync();
        var request = _harness.Increment();
        _harness.Rows.LoseNextAnswer("write");
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await activation.Session.CommitAsync(request));

        var next = _harness.Activate();
        var first = await next.Session.CommitAsync(request);
        var second = await next.Session.CommitAsync(request);

        Assert.Equal((SessionOutcome.Committed, 1L), (first.Outcome, first.Results![0].Number));
        Assert.Equal((SessionOutcome.Committed, 1L), (second.Outcome, second.Results![0].Number));
        Assert.Equal(2, (await next.OpenAsync()).Snapshot!.Version);
    }

    [Fact]
    public async Task Commit_after_another_activation_wrote_is_unavailable_and_drops_what_is_in_memory()
    {
        var activation = await _harness.CreateAsync();
        await _harness.Activate().Session.CommitAsync(_harness.Increment());

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await activation.Session.CommitAsync(_harness.Increment()));

        Assert.True(activation.IsInDoubt);
        Assert.Equal(2, (await _harness.Activate().OpenAsync()).Snapshot!.Version);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Flush_that_fails_keeps_what_no_row_holds_and_stores_it_before_anything_is_served(bool answerIsLost)
    {
        var activation = await _harness.CreateAsync(WriteBehind);
        await activation.Session.CommitAsync(_harness.Increment());
        Assert.Equal(TimeSpan.FromSeconds(30), activation.Flush);
        Action<string> fault = answerIsLost ? _harness.Rows.LoseNextAnswer : _harness.Rows.FailNext;
        fault("write");
        await activation.FlushAsync();
        Assert.False(activation.IsInDoubt);
        Assert.Equal(_harness.Services.Options.StorageTimeout, activation.Flush);
        Assert.IsType<SessionPhase.InDoubt>(activation.Session.Life.Phase);

        _harness.Fence.IsFresh = false;
        await activation.FlushAsync();
        Assert.IsType<SessionPhase.InDoubt>(activation.Session.Life.Phase);
        _harness.Fence.IsFresh = true;
        var reply = await activation.OpenAsync();

        Assert.Equal("1", Sample.Text(reply.Snapshot!.Data, "n"));
        Assert.Null(activation.Flush);
        Assert.Equal(2, SessionRecordCodec.Decode(_harness.Rows.Of(activation.GrainId)!).State!.Snapshot.Version);
    }

    [Fact]
    public async Task Deactivation_stores_what_was_gathered_and_what_the_accesses_have_moved()
    {
        var activation = await _harness.CreateAsync(WriteBehind);
        await activation.Session.CommitAsync(_harness.Increment());
        _harness.Clock.Advance(TimeSpan.FromMinutes(1));
        await activation.OpenAsync();

        Assert.Null(await _harness.Services.Upkeep.DeactivateAsync(activation.Session));

        var record = SessionRecordCodec.Decode(_harness.Rows.Of(activation.GrainId)!);
        Assert.Equal((2L, Sample.Now.AddMinutes(1)), (record.State!.Snapshot.Version, record.LastAccess));
    }

    [Fact]
    public async Task Create_after_a_destroy_is_refused_by_the_tombstone_until_it_is_due()
    {
        var create = _harness.CreateRequest();
        var activation = _harness.Activate();
        await activation.Session.CreateAsync(create);
        await activation.DestroyAsync();

        Assert.Equal(SessionOutcome.Gone, (await activation.Session.CreateAsync(create)).Outcome);
        Assert.Equal(SessionOutcome.Gone, (await _harness.Activate().Session.CreateAsync(create)).Outcome);
        var reply = await activation.ExpireIfDueAsync();
        Assert.Equal((false, Sample.Now + (_harness.Services.Options.OperationWindow * 2)), (reply.Gone, reply.ExpiresAt));

        _harness.Clock.Advance((_harness.Services.Options.OperationWindow * 2) + TimeSpan.FromTicks(1));
        Assert.True((await activation.ExpireIfDueAsync()).Gone);
        Assert.Null(_harness.Rows.Of(activation.GrainId));
        Assert.Equal(SessionOutcome.Late, (await _harness.Activate().Session.CreateAsync(create)).Outcome);
    }

    [Fact]
    public async Task Open_at_the_deadline_is_gone_and_the_row_leaves()
    {
        var activation = await _harness.CreateAsync();
        _harness.Clock.Advance(SessionTerms.Default.IdleTimeout - TimeSpan.FromTicks(1));
        Assert.Equal(SessionOutcome.Opened, (await activation.OpenAsync(OpenMode.Peek)).Outcome);

        _harness.Clock.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(SessionOutcome.Gone, (await activation.OpenAsync()).Outcome);
        Assert.Null(_harness.Rows.Of(activation.GrainId));
        Assert.True(activation.IsIdle);
    }

    [Fact]
    public async Task Touch_moves_the_deadline_in_memory_and_is_stored_when_the_fraction_has_passed()
    {
        var activation = await _harness.CreateAsync();
        var fraction = SessionTerms.Default.IdleTimeout * _harness.Services.Options.TouchFraction;
        _harness.Clock.Advance(fraction - TimeSpan.FromTicks(1));
        var reply = await activation.OpenAsync();
        Assert.Equal(_harness.Clock.GetUtcNow() + SessionTerms.Default.IdleTimeout, reply.ExpiresAt);
        Assert.Equal(["write"], _harness.Rows.Calls);

        _harness.Clock.Advance(TimeSpan.FromTicks(1));
        await activation.OpenAsync(OpenMode.Peek);
        Assert.Equal(["write"], _harness.Rows.Calls);
        await activation.OpenAsync();

        Assert.Equal(["write", "write"], _harness.Rows.Calls);
        Assert.Equal(_harness.Clock.GetUtcNow(), SessionRecordCodec.Decode(_harness.Rows.Of(activation.GrainId)!).LastAccess);
    }

    [Fact]
    public async Task Operation_while_the_fence_is_stale_is_unavailable_and_stores_nothing()
    {
        var activation = await _harness.CreateAsync();
        _harness.Fence.IsFresh = false;

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await activation.OpenAsync());
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await activation.Session.CommitAsync(_harness.Increment()));
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await activation.DestroyAsync());
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await activation.ExpireIfDueAsync());

        Assert.Equal(["write"], _harness.Rows.Calls);
    }

    [Fact]
    public async Task Volatile_session_and_the_memory_of_its_end_move_with_their_activation()
    {
        var create = _harness.CreateRequest(Volatile);
        var activation = _harness.Activate();
        await activation.Session.CreateAsync(create);
        await activation.Session.CommitAsync(_harness.Increment());
        var (moved, session) = await MoveAsync(activation);
        Assert.IsType<LiveSession>(moved);
        Assert.Equal(2, (await session.OpenAsync()).Snapshot!.Version);

        await session.DestroyAsync();
        var (remembered, ended) = await MoveAsync(session);

        Assert.IsType<SessionPhase.Ended>(remembered);
        Assert.Equal(SessionOutcome.Gone, (await ended.Session.CreateAsync(create)).Outcome);
        Assert.Null(_harness.Rows.Of(activation.GrainId));
    }

    [Fact]
    public async Task Local_commit_needs_a_published_session_whose_lock_is_free()
    {
        var activation = await _harness.CreateAsync();
        Assert.False(activation.Session.TryCommitLocally(_harness.Increment(), out _));
        Assert.False(_harness.Local.TryOpen(Sample.Id, _harness.Verifier, OpenMode.Touch, out _));
        await activation.OpenAsync();
        Assert.True(_harness.Local.TryOpen(Sample.Id, _harness.Verifier, OpenMode.Touch, out _));

        Assert.True(activation.Session.TryCommitLocally(_harness.Increment(), out var reply));
        Assert.Equal(1, (await reply).Results![0].Number);
        var (arrived, release) = _harness.Rows.HoldNext("write");
        var commit = activation.Session.CommitAsync(_harness.Increment()).AsTask();
        await arrived;
        Assert.False(activation.Session.TryCommitLocally(_harness.Increment(), out _));
        Assert.False(_harness.Local.TryOpen(Sample.Id, _harness.Verifier, OpenMode.Touch, out _));
        release.SetResult();
        await commit;

        await _harness.Services.Upkeep.DeactivateAsync(activation.Session);
        Assert.False(activation.Session.TryCommitLocally(_harness.Increment(), out _));
        Assert.Equal(0, _harness.Local.Count);
    }

    [Fact]
    public async Task Create_whose_id_cannot_be_registered_stores_nothing()
    {
        _harness.Registration.Fails = true;
        var activation = _harness.Activate();

        await Assert.ThrowsAsync<SessionUnavailableException>(
            async () => await activation.Session.CreateAsync(_harness.CreateRequest() with { IsIdRegistered = false }));

        Assert.True(activation.IsIdle);
        Assert.Empty(_harness.Rows.Calls);
    }

    private async Task<(SessionPhase? Unstored, SessionHarness.Activation Moved)> MoveAsync(SessionHarness.Activation activation)
    {
        var unstored = await _harness.Services.Upkeep.DeactivateAsync(activation.Session);
        var moved = _harness.Activate();
        SessionUpkeep.Rehydrate(moved.Session, _harness.Services.Upkeep.Dehydrate(activation.Session)!);
        return (unstored, moved);
    }
}
