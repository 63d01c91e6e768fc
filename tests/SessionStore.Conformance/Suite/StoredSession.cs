using System.Text;

namespace ServerSession.Tests.Stores;

/// <summary>One session of the suite: its id, its present verifier, and the calls to the store.</summary>
internal sealed class StoredSession(IServerSessionStore store, TimeProvider time, TimeSpan callLimit)
{
    public SessionId Id { get; init; } = SessionId.New();

    public VerifierHash Verifier { get; set; } = SessionVerifier.New().Hash();

    public Task<SessionReply> CreateAsync(params SessionChange[] changes) => CreateAsync(CreateRequest(changes));

    public Task<SessionReply> CreateAsync(CreateSession request) => CallAsync(store.CreateAsync(Id, request, CancellationToken.None), "create");

    public Task<SessionReply> OpenAsync(OpenMode mode = OpenMode.Touch) => OpenAsync(Verifier, mode);

    public Task<SessionReply> OpenAsync(VerifierHash verifier, OpenMode mode = OpenMode.Touch) =>
        CallAsync(store.OpenAsync(Id, verifier, mode, CancellationToken.None), "open");

    public Task<SessionReply> CommitAsync(params SessionChange[] changes) => CommitAsync(CommitRequest(changes));

    public Task<SessionReply> CommitAsync(CommitSession request) => CallAsync(store.CommitAsync(Id, request, CancellationToken.None), "commit");

    public Task<SessionReply> DestroyAsync() => DestroyAsync(new DestroySession { Verifier = Verifier });

    public Task<SessionReply> DestroyAsync(DestroySession request) => CallAsync(store.DestroyAsync(Id, request, CancellationToken.None), "destroy");

    public CreateSession CreateRequest(params SessionChange[] changes) => new()
    {
        Verifier = Verifier,
        Terms = new SessionTerms { IdleTimeout = TimeSpan.FromMinutes(20), AbsoluteLifetime = TimeSpan.FromHours(2) },
        IssuedAt = time.GetUtcNow(),
        Changes = changes,
    };

    public CommitSession CommitRequest(params SessionChange[] changes) => new()
    {
        Verifier = Verifier,
        Operation = OperationId.New(),
        IssuedAt = time.GetUtcNow(),
        Changes = changes,
    };

    /// <summary>Asserts that the session lives and has exactly these entries.</summary>
    public async Task AssertHasAsync(params (string Key, string Value)[] entries)
    {
        var reply = await OpenAsync(OpenMode.Peek);
        Assert.Equal(SessionOutcome.Opened, reply.Outcome);
        AssertHas(reply.Snapshot!, entries);
    }

    public static void AssertHas(SessionSnapshot snapshot, params (string Key, string Value)[] entries)
    {
        Assert.Equal(entries.Select(static entry => entry.Key).Order(StringComparer.Ordinal), snapshot.Data.Keys.Order(StringComparer.Ordinal));
        foreach (var (key, value) in entries)
        {
            Assert.True(snapshot.Data.TryGetValue(key, out var found));
            Assert.Equal(value, Encoding.UTF8.GetString(found.Bytes.Span));
        }
    }

    /// <summary>Asserts that an operation that its caller has given up is not done: the store may also refuse to begin it.</summary>
    public static async Task AssertLateAsync(Task<SessionReply> operation)
    {
        try
        {
            Assert.Equal(SessionOutcome.Late, (await operation).Outcome);
        }
        catch (SessionUnavailableException)
        {
        }
    }

    public async Task AssertGoneAsync()
    {
        var reply = await OpenAsync(OpenMode.Peek);
        Assert.Equal((SessionOutcome.Gone, null), (reply.Outcome, reply.Snapshot));
    }

    private async Task<SessionReply> CallAsync(ValueTask<SessionReply> call, string name)
    {
        try
        {
            return await call.AsTask().WaitAsync(callLimit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The store did not answer {name} within {callLimit}.");
        }
    }
}
