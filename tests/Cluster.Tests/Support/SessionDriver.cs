using System.Text;

namespace ServerSession.Tests.Support;

/// <summary>Does to one session what a frontend does.</summary>
public sealed class SessionDriver(SessionCluster cluster, SessionId id, SessionTerms terms)
{
    public SessionId Id => id;

    /// <summary>Whether the create says that the id is registered, as a frontend's does.</summary>
    public bool IsIdRegistered { get; init; } = true;

    public SessionVerifier Verifier { get; private set; } = SessionVerifier.New();

    public ISessionGrain Grain { get; } = cluster.Grain(id);

    public GrainId GrainId => Grain.GetGrainId();

    public CreateSession CreateRequest(params SessionChange[] changes) => new()
    {
        Verifier = Verifier.Hash(),
        Terms = terms,
        IssuedAt = cluster.Clock.GetUtcNow(),
        Changes = changes,
        IsIdRegistered = IsIdRegistered,
    };

    public CommitSession CommitRequest(params SessionChange[] changes) => new()
    {
        Verifier = Verifier.Hash(),
        Operation = OperationId.New(),
        IssuedAt = cluster.Clock.GetUtcNow(),
        Changes = changes,
        WantSnapshot = true,
    };

    public async Task<SessionReply> CreateAsync(params SessionChange[] changes) => await Grain.CreateAsync(CreateRequest(changes));

    public async Task<SessionReply> OpenAsync(OpenMode mode = OpenMode.Touch) => await Grain.OpenAsync(Verifier.Hash(), mode);

    public async Task<SessionReply> CommitAsync(params SessionChange[] changes) => await Grain.CommitAsync(CommitRequest(changes));

    /// <summary>Commits as the web tier does: again with the same operation id while the session is unavailable.</summary>
    public async Task<SessionReply> CommitWithRetriesAsync(params SessionChange[] changes)
    {
        var request = CommitRequest(changes);
        return await RetryAsync(() => Grain.CommitAsync(request));
    }

    public Task<SessionReply> OpenWithRetriesAsync() => RetryAsync(() => Grain.OpenAsync(Verifier.Hash(), OpenMode.Touch));

    public async Task<SessionReply> SetAsync(string key, string value) => await CommitAsync(Set(key, value));

    public async Task<SessionReply> RotateAsync()
    {
        var next = SessionVerifier.New();
        var reply = await Grain.CommitAsync(CommitRequest() with { NewVerifier = next.Hash() });
        if (reply.Outcome == SessionOutcome.Committed)
        {
            Verifier = next;
        }

        return reply;
    }

    /// <summary>Signs in or out: the token is replaced in the same commit.</summary>
    public async Task<SessionReply> BindAsync(SubjectChange change, CommitSession? request = null)
    {
        var next = SessionVerifier.New();
        request = (request ?? CommitRequest()) with { NewVerifier = next.Hash(), Subject = change };
        var reply = await Grain.CommitAsync(request);
        if (reply.Outcome == SessionOutcome.Committed)
        {
            Verifier = next;
        }

        return reply;
    }

    public async Task<SessionReply> DestroyAsync() => await Grain.DestroyAsync(new DestroySession { Verifier = Verifier.Hash() });

    public async Task<string?> ReadAsync(string key)
    {
        var reply = await OpenAsync();
        Assert.Equal(SessionOutcome.Opened, reply.Outcome);
        return Text(reply, key);
    }

    public static string? Text(SessionReply reply, string key) =>
        reply.Snapshot!.Data.TryGetValue(key, out var value) ? Encoding.UTF8.GetString(value.Bytes.Span) : null;

    public static SessionChange Set(string key, string value) => SessionChange.Set(key, Encoding.UTF8.GetBytes(value));

    /// <summary>Asks again while the session is unavailable; the time-out only ends a test that has failed.</summary>
    public static async Task<T> RetryAsync<T>(Func<ValueTask<T>> call)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception exception) when (TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(90)
                && exception is SessionUnavailableException or TimeoutException or OrleansException)
            {
                await Task.Delay(250);
            }
        }
    }
}
