using System.Collections.Concurrent;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Subjects;

/// <summary>What runs at once, and what dies in the middle: binds, ends and limits on three silos.</summary>
public class SubjectRaceTests
{
    [Fact]
    public async Task End_all_while_a_session_is_being_bound_waits_for_it_and_ends_it()
    {
        await using var cluster = await SessionCluster.StartAsync(3, Attack.LongTimeout);
        var user = new SubjectDriver(cluster);
        var (other, session) = (await user.SignInAsync(), await cluster.CreateAsync());
        var before = session.Verifier.Hash();
        var held = HoldRow(cluster, session);
        var bind = session.BindAsync(user.Change());
        await held.Reached;

        var end = user.EndAllAsync();
        await SessionCluster.UntilAsync(async () => (await other.OpenWithRetriesAsync()).Outcome == SessionOutcome.Gone, "the end has begun");
        Assert.False(end.IsCompleted, "The end was answered while a commit that binds was in flight.");
        await held.ReleaseAsync();

        Assert.Equal(SessionOutcome.Committed, (await bind).Outcome);
        Assert.Equal(2, await end);
        Assert.Equal(SessionOutcome.Gone, (await session.OpenWithRetriesAsync()).Outcome);
        Assert.Equal(SessionOutcome.Gone, (await session.Grain.OpenAsync(before, OpenMode.Peek)).Outcome);
        Assert.Equal(0, user.Rows);
    }

    /// <summary>The write times out, all sessions of the user are ended, and then the store does it yet.</summary>
    [Fact]
    public async Task Bind_whose_row_is_written_after_the_end_of_all_opens_nothing()
    {
        await using var cluster = await SessionCluster.StartAsync(3, Attack.ShortTimeout);
        var user = new SubjectDriver(cluster);
        var session = await cluster.CreateAsync();
        var held = HoldRow(cluster, session);
        var next = SessionVerifier.New();
        await Assert.ThrowsAsync<SessionUnavailableException>(async () =>
            await session.Grain.CommitAsync(session.CommitRequest() with { NewVerifier = next.Hash(), Subject = user.Change() }));

        await user.EndAllAsync();
        await held.ReleaseAsync();
        await cluster.DeactivateAsync(session.Id);

        Assert.Equal(SessionOutcome.Gone, (await SessionDriver.RetryAsync(() => session.Grain.OpenAsync(next.Hash(), OpenMode.Touch))).Outcome);
        Assert.Equal(0, user.Rows);
    }

    [Fact]
    public async Task End_all_after_a_silo_was_killed_ends_the_sessions_that_were_on_it()
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var user = new SubjectDriver(cluster);
        var sessions = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => user.SignInAsync()));
        var victim = await cluster.OwnerAsync(sessions[0].Id);

        await cluster.CrashAsync(victim!);
        await user.EndAllAsync();

        foreach (var session in sessions)
        {
            Assert.Equal(SessionOutcome.Gone, (await session.OpenWithRetriesAsync()).Outcome);
        }

        Assert.Equal(0, user.Rows);
    }

    [Fact]
    public async Task List_while_a_silo_dies_never_misses_a_session_that_lives()
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var user = new SubjectDriver(cluster);
        var sessions = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => user.SignInAsync()));
        var ids = sessions.Select(static session => session.Id).ToHashSet();
        var stop = false;
        var watch = Task.Run(async () =>
        {
            do
            {
                Assert.Empty(ids.Except(await user.IdsAsync()));
            }
            while (!Volatile.Read(ref stop));
        }, TestContext.Current.CancellationToken);

        await cluster.CrashAsync((await cluster.OwnerAsync(sessions[0].Id))!);
        await Task.WhenAll(sessions.Select(static session => session.OpenWithRetriesAsync()));
        Volatile.Write(ref stop, true);
        await watch;

        Assert.All(await Task.WhenAll(sessions.Select(static session => session.OpenWithRetriesAsync())), static reply => Assert.True(reply.IsBound));
    }

    [Theory]
    [InlineData(SubjectLimitPolicy.RejectNewest)]
    [InlineData(SubjectLimitPolicy.EndOldest)]
    public async Task Limit_holds_when_sessions_are_bound_at_once(SubjectLimitPolicy policy)
    {
        const int Maximum = 3;
        const int SignIns = 16;
        await using var cluster = await SessionCluster.StartAsync(3);
        var user = new SubjectDriver(cluster);
        var most = 0;
        cluster.Store.AfterAsync = operation =>
        {
            if (operation is { StateName: "subject", Kind: StorageOperationKind.Write })
            {
                most = Math.Max(most, cluster.Store.RowsOf("subject").Values.Max(static row => SubjectCodec.DecodeHead(row).Entries.Count));
            }

            return ValueTask.CompletedTask;
        };

        var sessions = await Task.WhenAll(Enumerable.Range(0, SignIns).Select(_ => cluster.CreateAsync()));
        var replies = new ConcurrentBag<SessionReply>();
        await Task.WhenAll(sessions.Select(async session => replies.Add(await SignInWithRetriesAsync(session, user.Change(null, Maximum, policy)))));
        cluster.Store.AfterAsync = null;

        // A session is bound only while it is listed, so that no more than these were ever bound at once.
        Assert.Equal(Maximum, most);
        var listed = await user.IdsAsync();
        Assert.Equal(Maximum, listed.Length);
        var bound = new List<SessionId>();
        foreach (var session in sessions)
        {
            if (await session.OpenWithRetriesAsync() is { Outcome: SessionOutcome.Opened, IsBound: true })
            {
                bound.Add(session.Id);
            }
        }

        Assert.Equal(listed.Order(ById.Instance), bound.Order(ById.Instance));
        Assert.Equal(policy == SubjectLimitPolicy.EndOldest ? SignIns : Maximum, replies.Count(static reply => reply.Outcome == SessionOutcome.Committed));
        Assert.All(replies.Where(static reply => reply.Outcome != SessionOutcome.Committed), static reply => Assert.Equal(SessionLimit.SubjectSessions, reply.Refusal!.Limit));
        if (policy == SubjectLimitPolicy.EndOldest)
        {
            await SessionCluster.UntilAsync(() => Task.FromResult(sessions.Count(session => cluster.Events.Of(session.Id).Contains("ended: SubjectLimit")) == SignIns - Maximum), "the ends are told");
            Assert.Contains(sessions, session => cluster.Events.Of(session.Id).Contains($"limit: {policy} {user.Key}"));
            return;
        }

        await SessionCluster.UntilAsync(
            () => Task.FromResult(sessions.Count(session => cluster.Events.Of(session.Id).Contains($"limit: {policy} {user.Key}")) == SignIns - Maximum),
            "each refusal is told");
    }

    /// <summary>An entry that a process left takes no place, and a refused bind changes nothing of the session.</summary>
    [Fact]
    public async Task Limit_counts_only_sessions_that_live_and_a_refused_bind_changes_nothing()
    {
        await using var cluster = await SessionCluster.StartAsync(1);
        var user = new SubjectDriver(cluster);
        await user.Grain.AddAsync(Entry(cluster, user.Change()));

        var first = await user.SignInAsync(maximum: 1);
        var second = await cluster.CreateAsync();
        var request = second.CommitRequest(SessionDriver.Set("user", "ada")) with { Subject = user.Change(maximum: 1), NewVerifier = SessionVerifier.New().Hash() };
        var refused = await second.Grain.CommitAsync(request);

        Assert.Equal(SessionOutcome.TooLarge, refused.Outcome);
        Assert.Equal(SessionLimit.SubjectSessions, refused.Refusal!.Limit);
        Assert.Null(await second.ReadAsync("user"));
        Assert.False((await second.OpenAsync()).IsBound);

        // A delayed duplicate of what was refused is not applied when there is capacity again; the answer survives the activation.
        await first.DestroyAsync();
        await cluster.DeactivateAsync(second.Id);
        Assert.Equal(SessionOutcome.TooLarge, (await second.Grain.CommitAsync(request)).Outcome);
        Assert.Equal(SessionOutcome.Committed, (await second.BindAsync(user.Change(maximum: 1))).Outcome);
        await cluster.Events.HeardAsync(second.Id, "created", $"limit: {SubjectLimitPolicy.RejectNewest} {user.Key}", "rotated", $"bound: {user.Key}");
    }

    /// <summary>Only the 32 oldest entries were asked, so that those behind them took a place until they expired.</summary>
    [Fact]
    public async Task Full_list_asks_all_of_its_entries_whether_they_live()
    {
        const int Maximum = 40;
        await using var cluster = await SessionCluster.StartAsync(1);
        var user = new SubjectDriver(cluster);
        for (var number = 1; number < Maximum; number++)
        {
            await user.SignInAsync();
        }

        await user.Grain.AddAsync(Entry(cluster, user.Change()));

        await user.SignInAsync(maximum: Maximum);

        var full = await cluster.CreateAsync();
        Assert.Equal(SessionOutcome.TooLarge, (await full.BindAsync(user.Change(maximum: Maximum))).Outcome);
        Assert.Equal(Maximum, (await user.IdsAsync()).Length);
    }

    [Fact]
    public async Task Limit_that_was_lowered_ends_as_many_of_the_oldest_as_are_too_many()
    {
        await using var cluster = await SessionCluster.StartAsync(1);
        var user = new SubjectDriver(cluster);
        var sessions = new List<SessionDriver>();
        for (var number = 0; number < 70; number++)
        {
            sessions.Add(await user.SignInAsync());
        }

        var last = await user.SignInAsync(maximum: 3, whenFull: SubjectLimitPolicy.EndOldest);

        Assert.Equal([last.Id, sessions[69].Id, sessions[68].Id], await user.IdsAsync());
        Assert.Equal(SessionOutcome.Gone, (await sessions[67].OpenAsync()).Outcome);
        await cluster.Events.HeardAsync(last.Id, "created", $"limit: {SubjectLimitPolicy.EndOldest} {user.Key}", "rotated", $"bound: {user.Key}");
        await cluster.Events.HeardAsync(sessions[67].Id, "created", "rotated", $"bound: {user.Key}", "ended: SubjectLimit");
    }

    /// <summary>It used to be listed, and to end another session for its place, after its caller had gone on without it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Session_that_is_to_be_listed_after_its_caller_gave_up_is_not_listed_and_ends_nothing(bool waits)
    {
        await using var cluster = await SessionCluster.StartAsync(1, Attack.LongTimeout);
        var user = new SubjectDriver(cluster);
        var session = await user.SignInAsync();
        var request = Entry(cluster, user.Change(null, 1, SubjectLimitPolicy.EndOldest)) with { NotAfter = cluster.Clock.GetUtcNow() + TimeSpan.FromSeconds(1) };
        if (waits)
        {
            // It waits for a list that is being stored while its time runs out.
            var held = new HeldCall();
            var times = 1;
            cluster.Store.BeforeAsync = operation =>
                operation is { StateName: "subject", Kind: StorageOperationKind.Write } && Interlocked.Decrement(ref times) >= 0 ? held.WaitAsync(operation) : ValueTask.CompletedTask;
            cluster.Store.Ended = held.NoteEnd;
            var other = user.Grain.AddAsync(Entry(cluster, user.Change()));
            await held.Reached;
            var late = user.Grain.AddAsync(request).AsTask();
            cluster.Clock.Advance(TimeSpan.FromSeconds(2));
            await held.ReleaseAsync();
            await other;
            await Assert.ThrowsAsync<SessionUnavailableException>(() => late);
        }
        else
        {
            cluster.Clock.Advance(TimeSpan.FromSeconds(2));
            await Assert.ThrowsAsync<SessionUnavailableException>(async () => await user.Grain.AddAsync(request));
        }

        Assert.Equal(SessionOutcome.Opened, (await session.OpenAsync()).Outcome);
        Assert.Equal([session.Id], await user.IdsAsync());
    }

    /// <summary>The user signs in again while the end of all is under way and has not reached this session.</summary>
    [Fact]
    public async Task Session_that_was_ended_does_not_escape_by_being_bound_again()
    {
        await using var cluster = await SessionCluster.StartAsync(1);
        var user = new SubjectDriver(cluster);
        var session = await user.SignInAsync();
        var number = (await user.Grain.ListAsync(null, 1)).Sessions[0].BoundAt.UtcTicks;

        // As the list does it first: nobody has told the session yet.
        await user.Grain.RemoveAsync(session.Id, number);

        Assert.Equal(SessionOutcome.Gone, (await session.BindAsync(user.Change())).Outcome);
        Assert.Equal(SessionOutcome.Gone, (await session.OpenAsync()).Outcome);
        Assert.Empty(await user.IdsAsync());
    }

    [Fact]
    public async Task Bind_that_is_repeated_after_its_answer_was_lost_is_one_entry()
    {
        await using var cluster = await SessionCluster.StartAsync(1);
        var user = new SubjectDriver(cluster);
        var session = await cluster.CreateAsync();
        cluster.Store.LoseReply(StorageOperationKind.Write);
        var next = SessionVerifier.New();
        var request = session.CommitRequest(SessionChange.Increment("n")) with { NewVerifier = next.Hash(), Subject = user.Change() };
        await Attack.UnavailableAsync(() => session.Grain.CommitAsync(request));

        var repeated = await session.CommitUntilKnownAsync(request);

        Assert.Equal(SessionOutcome.Committed, repeated.Outcome);
        Assert.True(repeated.IsBound);
        Assert.Equal([session.Id], await user.IdsAsync());
        Assert.Equal(1, await user.EndAllAsync());
        Assert.Equal(0, user.Rows);
    }

    /// <summary>An entry of a session that there is not.</summary>
    private static ListSession Entry(SessionCluster cluster, SubjectChange change) => new()
    {
        Session = SessionId.New(),
        CreatedAt = cluster.Clock.GetUtcNow(),
        ExpiresAt = cluster.Clock.GetUtcNow() + TimeSpan.FromHours(1),
        Change = change,
    };

    private static Task<SessionReply> SignInWithRetriesAsync(SessionDriver session, SubjectChange change) =>
        SessionDriver.RetryAsync(async () => await session.BindAsync(change));

    private static HeldCall HoldRow(SessionCluster cluster, SessionDriver session)
    {
        var held = new HeldCall();
        var times = 1;
        cluster.Store.BeforeAsync = operation =>
            operation.Kind == StorageOperationKind.Write && operation.GrainId == session.GrainId && Interlocked.Decrement(ref times) >= 0
                ? held.WaitAsync(operation)
                : ValueTask.CompletedTask;
        cluster.Store.Ended = held.NoteEnd;
        return held;
    }

    private sealed class ById : IComparer<SessionId>
    {
        public static ById Instance { get; } = new();

        public int Compare(SessionId one, SessionId other) => one.ToGrainKey().CompareTo(other.ToGrainKey());
    }
}
