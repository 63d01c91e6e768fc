using Microsoft.Extensions.Options;

namespace ServerSession.Tests;

/// <summary>The included store keeps the laws too.</summary>
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

    [Fact]
    public async Task Create_usedId_isGone()
    {
        await CreateAsync();
        var request = new CreateSession { Verifier = _verifier, Terms = SessionTerms.Default, IssuedAt = _time.GetUtcNow() };

        Assert.Equal(SessionOutcome.Gone, (await _store.CreateAsync(_id, request, CancellationToken.None)).Outcome);
    }

    [Fact]
    public async Task Commit_parallelKeysAndIncrements_losesNone()
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
    public async Task Commit_repeated_isAppliedOnce()
    {
        await CreateAsync();
        var commit = Commit(SessionChange.Increment("n"));

        await CommitAsync(commit);
        await CommitAsync(commit);

        Assert.True((await OpenAsync()).Snapshot!.Data.TryGetValue("n", out var number));
        Assert.Equal("1"u8.ToArray(), number.Bytes.ToArray());
    }

    [Fact]
    public async Task Destroyed_staysGone()
    {
        await CreateAsync();

        Assert.Equal(SessionOutcome.Stale, (await _store.DestroyAsync(_id, new DestroySession { Verifier = SessionVerifier.New().Hash() }, CancellationToken.None)).Outcome);
        Assert.Equal(SessionOutcome.Destroyed, (await _store.DestroyAsync(_id, new DestroySession { Verifier = _verifier }, CancellationToken.None)).Outcome);

        Assert.Equal(SessionOutcome.Gone, (await OpenAsync()).Outcome);
        Assert.Equal(SessionOutcome.Gone, await CommitAsync(Commit(SessionChange.Increment("n"))));
        Assert.False(await _store.ExistsAsync(_id, _verifier, CancellationToken.None));
    }

    [Fact]
    public async Task Rotated_oldVerifierIsStaleAndMovesNoDeadline()
    {
        await CreateAsync();
        var old = _verifier;
        var next = SessionVerifier.New().Hash();
        await ((ISessionStore)_store).RotateAsync(_id, old, next, OperationId.New(), _time.GetUtcNow(), CancellationToken.None);
        _time.Advance(TimeSpan.FromMinutes(15));

        Assert.Equal(SessionOutcome.Stale, (await OpenAsync()).Outcome);
        Assert.Equal(SessionOutcome.Stale, await CommitAsync(Commit(SessionChange.Increment("n"))));
        _time.Advance(TimeSpan.FromMinutes(6));
        _verifier = next;

        Assert.Equal(SessionOutcome.Gone, (await OpenAsync()).Outcome);
    }

    [Fact]
    public async Task Deadline_touchMovesIt_peekDoesNot_absoluteLifetimeHolds()
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
    public async Task Expired_isRemovedWithoutBeingAskedFor()
    {
        await CreateAsync();

        _time.Advance(TimeSpan.FromMinutes(21));

        Assert.Equal(0, _store.Count);
    }
}
