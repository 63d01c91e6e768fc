using Microsoft.Extensions.Options;

namespace ServerSession.Tests;

/// <summary>The included store keeps the guarantees too.</summary>
public sealed class InMemoryStoreTests : IDisposable
{
    private readonly TestClock _time = new();
    private readonly InMemorySessionStore _store;
    private readonly SessionId _id = SessionId.New();
    private VerifierHash _verifier = SessionVerifier.New().Hash();

    public InMemoryStoreTests() => _store = new InMemorySessionStore(Options.Create(new ServerSessionOptions()), _time);

    public void Dispose() => _store.Dispose();

    private async Task CreateAsync()
    {
        var request = new CreateSession { Verifier = _verifier, Terms = SessionTerms.Default, IssuedAt = _time.GetUtcNow() };
        Assert.Equal(SessionOutcome.Created, (await _store.CreateAsync(_id, request, CancellationToken.None)).Outcome);
    }

    private async Task<SessionReply> OpenAsync(OpenMode mode = OpenMode.Touch) => await _store.OpenAsync(_id, _verifier, mode, CancellationToken.None);

    private CommitSession Commit(params SessionChange[] changes) =>
        new() { Verifier = _verifier, Operation = OperationId.New(), IssuedAt = _time.GetUtcNow(), Changes = changes };

    private async Task<SessionOutcome> CommitAsync(CommitSession commit) => (await _store.CommitAsync(_id, commit, CancellationToken.None)).Outcome;

    /// <summary>An unknown mode used to count as one that does not touch, and to extend the session in the cluster.</summary>
    [Fact]
    public async Task Open_in_an_unknown_mode_is_refused_and_moves_no_deadline()
    {
        await CreateAsync();
        var before = (await OpenAsync(OpenMode.Peek)).ExpiresAt;
        _time.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => OpenAsync((OpenMode)2));

        Assert.Equal(before, (await OpenAsync(OpenMode.Peek)).ExpiresAt);
    }

    [Fact]
    public async Task Create_with_a_used_id_is_gone()
    {
        await CreateAsync();
        var request = new CreateSession { Verifier = _verifier, Terms = SessionTerms.Default, IssuedAt = _time.GetUtcNow() };

        Assert.Equal(SessionOutcome.Gone, (await _store.CreateAsync(_id, request, CancellationToken.None)).Outcome);
    }

    [Fact]
    public async Task Commit_of_parallel_keys_and_increments_loses_none()
    {
        await CreateAsync();

        await Task.WhenAll(Enumerable.Range(0, 200).Select(index => Task.Run(() =>
            CommitAsync(Commit(SessionChange.Set($"key{index}", "x"u8.ToArray()), SessionChange.Increment("n"))))));

        var data = (await OpenAsync()).Snapshot!.Data;
        Assert.Equal(201, data.Count);
        Assert.True(data.TryGetValue("n", out var number));
        Assert.Equal("200"u8.ToArray(), number.Bytes.ToArray());
    }

    [Fact]
    public async Task Commit_repeated_is_applied_once()
    {
        await CreateAsync();
        var commit = Commit(SessionChange.Increment("n"));

        await CommitAsync(commit);
        await CommitAsync(commit);

        Assert.True((await OpenAsync()).Snapshot!.Data.TryGetValue("n", out var number));
        Assert.Equal("1"u8.ToArray(), number.Bytes.ToArray());
    }

    [Fact]
    public async Task Destroy_of_a_session_keeps_it_gone()
    {
        await CreateAsync();

        Assert.Equal(SessionOutcome.Stale, (await _store.DestroyAsync(_id, new DestroySession { Verifier = SessionVerifier.New().Hash() }, CancellationToken.None)).Outcome);
        Assert.Equal(SessionOutcome.Destroyed, (await _store.DestroyAsync(_id, new DestroySession { Verifier = _verifier }, CancellationToken.None)).Outcome);

        Assert.Equal(SessionOutcome.Gone, (await OpenAsync()).Outcome);
        Assert.Equal(SessionOutcome.Gone, await CommitAsync(Commit(SessionChange.Increment("n"))));
        Assert.NotEqual(SessionOutcome.Opened, (await _store.OpenAsync(_id, _verifier, OpenMode.Peek, CancellationToken.None)).Outcome);
    }

    [Fact]
    public async Task Rotate_makes_the_old_verifier_stale_and_unable_to_move_the_deadline()
    {
        await CreateAsync();
        var old = _verifier;
        var next = SessionVerifier.New().Hash();
        await CommitAsync(new CommitSession { Verifier = old, NewVerifier = next, Operation = OperationId.New(), IssuedAt = _time.GetUtcNow() });
        _time.Advance(TimeSpan.FromMinutes(15));

        Assert.Equal(SessionOutcome.Stale, (await OpenAsync()).Outcome);
        Assert.Equal(SessionOutcome.Stale, await CommitAsync(Commit(SessionChange.Increment("n"))));
        _time.Advance(TimeSpan.FromMinutes(6));
        _verifier = next;

        Assert.Equal(SessionOutcome.Gone, (await OpenAsync()).Outcome);
    }

    [Fact]
    public async Task Deadline_is_moved_by_a_touch_and_not_by_a_peek_nor_past_the_absolute_lifetime()
    {
        await CreateAsync();
        _time.Advance(TimeSpan.FromMinutes(19));
        await OpenAsync();
        _time.Advance(TimeSpan.FromMinutes(19));
        Assert.Equal(SessionOutcome.Opened, (await OpenAsync(OpenMode.Peek)).Outcome);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SessionOutcome.Gone, (await OpenAsync(OpenMode.Peek)).Outcome);
    }

    [Fact]
    public async Task Expiry_removes_a_session_that_nobody_asks_for()
    {
        await CreateAsync();

        _time.Advance(TimeSpan.FromMinutes(21));

        Assert.Equal(0, _store.Count);
    }

    /// <summary>Room was once made before it was known whether the session is bound: the user's oldest session ended for nothing.</summary>
    [Theory]
    [InlineData("late create", SessionOutcome.Late)]
    [InlineData("large create", SessionOutcome.TooLarge)]
    [InlineData("used id", SessionOutcome.Gone)]
    [InlineData("late commit", SessionOutcome.Late)]
    [InlineData("stale commit", SessionOutcome.Stale)]
    [InlineData("large commit", SessionOutcome.TooLarge)]
    [InlineData("gone commit", SessionOutcome.Gone)]
    public async Task Bind_that_is_refused_ends_no_session_of_the_user(string request, SessionOutcome expected)
    {
        var change = new SubjectChange { Subject = await KeyAsync(), MaximumSessions = 1, WhenFull = SubjectLimitPolicy.EndOldest };
        await CreateAsync();
        await CommitAsync(Commit() with { Subject = change });
        var other = SessionId.New();
        var create = new CreateSession { Verifier = _verifier, Terms = SessionTerms.Default, IssuedAt = _time.GetUtcNow(), Subject = change };
        var large = new[] { SessionChange.Set("a", new byte[10_000_000]) };
        if (request.EndsWith("commit", StringComparison.Ordinal) && request != "gone commit")
        {
            await _store.CreateAsync(other, create with { Subject = null }, CancellationToken.None);
        }

        var reply = request switch
        {
            "late create" => await _store.CreateAsync(other, create with { NotAfter = _time.GetUtcNow().AddSeconds(-1) }, CancellationToken.None),
            "large create" => await _store.CreateAsync(other, create with { Changes = large }, CancellationToken.None),
            "used id" => await _store.CreateAsync(await UsedAsync(create), create, CancellationToken.None),
            "late commit" => await _store.CommitAsync(other, Commit() with { Subject = change, NotAfter = _time.GetUtcNow().AddSeconds(-1) }, CancellationToken.None),
            "stale commit" => await _store.CommitAsync(other, Commit() with { Subject = change, Verifier = SessionVerifier.New().Hash() }, CancellationToken.None),
            _ => await _store.CommitAsync(other, Commit(request == "large commit" ? large : []) with { Subject = change }, CancellationToken.None),
        };

        Assert.Equal(expected, reply.Outcome);
        Assert.Equal(SessionOutcome.Opened, (await OpenAsync()).Outcome);
    }

    [Fact]
    public async Task Bind_that_is_repeated_ends_no_session_that_was_bound_since()
    {
        var change = new SubjectChange { Subject = await KeyAsync(), MaximumSessions = 1, WhenFull = SubjectLimitPolicy.EndOldest };
        await CreateAsync();
        var other = await UsedAsync(new CreateSession { Verifier = _verifier, Terms = SessionTerms.Default, IssuedAt = _time.GetUtcNow() });
        var bind = Commit() with { Subject = change };
        await _store.CommitAsync(other, bind, CancellationToken.None);
        await _store.CommitAsync(other, Commit() with { Subject = SubjectChange.Unbind }, CancellationToken.None);
        await CommitAsync(Commit() with { Subject = change });

        await _store.CommitAsync(other, bind, CancellationToken.None);

        Assert.Equal(SessionOutcome.Opened, (await OpenAsync()).Outcome);
    }

    [Theory]
    [InlineData(SubjectLimitPolicy.EndOldest, SessionOutcome.Created, SessionOutcome.Gone)]
    [InlineData(SubjectLimitPolicy.RejectNewest, SessionOutcome.TooLarge, SessionOutcome.Opened)]
    public async Task Create_of_one_session_too_many_ends_the_oldest_or_leaves_nothing(SubjectLimitPolicy policy, SessionOutcome expected, SessionOutcome oldest)
    {
        var change = new SubjectChange { Subject = await KeyAsync(), MaximumSessions = 1, WhenFull = policy };
        await CreateAsync();
        await CommitAsync(Commit() with { Subject = change });
        var create = new CreateSession { Verifier = _verifier, Terms = SessionTerms.Default, IssuedAt = _time.GetUtcNow(), Subject = change };

        Assert.Equal(expected, (await _store.CreateAsync(SessionId.New(), create, CancellationToken.None)).Outcome);

        Assert.Equal(oldest, (await OpenAsync()).Outcome);
        Assert.Equal(1, _store.Count);
    }

    private async Task<SessionId> UsedAsync(CreateSession create)
    {
        var id = SessionId.New();
        Assert.Equal(SessionOutcome.Created, (await _store.CreateAsync(id, create with { Subject = null }, CancellationToken.None)).Outcome);
        return id;
    }

    private async Task<SubjectKey> KeyAsync() => SubjectHash.Of(await new InMemorySubjectStore(_store).GetSecretAsync(CancellationToken.None), "ada");
}
