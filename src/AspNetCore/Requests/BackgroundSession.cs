namespace ServerSession;

/// <summary>A session by its id and verifier: it holds nothing of a request.</summary>
internal sealed class BackgroundSession(SessionId id, VerifierHash verifier, SessionServices services) : IBackgroundSession
{
    public SessionId Id => id;

    public async ValueTask<bool> ExistsAsync(CancellationToken cancellationToken) => await OpenAsync(cancellationToken) is not null;

    public async ValueTask<IReadOnlyCollection<string>> GetKeysAsync(CancellationToken cancellationToken) =>
        await OpenAsync(cancellationToken) is { } snapshot ? snapshot.Data.Keys.ToArray() : [];

    public async ValueTask<T?> GetAsync<T>(string key, CancellationToken cancellationToken) =>
        await FindAsync(key, cancellationToken) is { } value ? services.Values.Read<T>(value) : default;

    public async ValueTask<(bool Found, T? Value)> TryGetAsync<T>(string key, CancellationToken cancellationToken) =>
        await FindAsync(key, cancellationToken) is { } value ? (true, services.Values.Read<T>(value)) : (false, default);

    public async ValueTask<IReadOnlyList<T>> GetListAsync<T>(string key, CancellationToken cancellationToken) =>
        services.Values.ReadList<T>(await FindAsync(key, cancellationToken));

    public async ValueTask SetAsync<T>(string key, T value, CancellationToken cancellationToken)
    {
        services.Values.CheckKey(key);
        var bytes = services.Values.Serialize(value);
        services.Values.CheckValue(bytes.Length);
        await CommitAsync(SessionChange.Set(key, bytes), cancellationToken);
    }

    public async ValueTask RemoveAsync(string key, CancellationToken cancellationToken)
    {
        services.Values.CheckKey(key);
        await CommitAsync(SessionChange.Remove(key), cancellationToken);
    }

    public async ValueTask ClearAsync(CancellationToken cancellationToken) => await CommitAsync(SessionChange.Clear(), cancellationToken);

    public async ValueTask<long> IncrementAsync(string key, long amount, CancellationToken cancellationToken)
    {
        services.Values.CheckKey(key);
        return (await ApplyAsync(SessionChange.Increment(key, amount), cancellationToken)).Number;
    }

    public async ValueTask<T> GetOrSetAsync<T>(string key, T value, CancellationToken cancellationToken)
    {
        services.Values.CheckKey(key);
        var result = await ApplyAsync(SessionChange.GetOrSet(key, services.Values.Serialize(value)), cancellationToken);
        return result is { Applied: false, Value: { } present } ? services.Values.Read<T>(present)! : value;
    }

    public async ValueTask<bool> CompareAndSetAsync<T>(string key, T expected, T value, CancellationToken cancellationToken)
    {
        services.Values.CheckKey(key);
        var change = SessionChange.CompareAndSet(key, services.Values.Serialize(expected), services.Values.Serialize(value));
        return (await ApplyAsync(change, cancellationToken)).Applied;
    }

    public async ValueTask<bool> TryAddAsync<T>(string key, T value, CancellationToken cancellationToken)
    {
        services.Values.CheckKey(key);
        return (await ApplyAsync(SessionChange.CompareAndSet(key, null, services.Values.Serialize(value)), cancellationToken)).Applied;
    }

    public async ValueTask<(bool Found, T? Value)> TakeAsync<T>(string key, CancellationToken cancellationToken)
    {
        services.Values.CheckKey(key);
        return (await ApplyAsync(SessionChange.Take(key), cancellationToken)).Value is { } taken ? (true, services.Values.Read<T>(taken)) : (false, default);
    }

    public async ValueTask<int> AppendAsync<T>(string key, T item, int maximumItems, CancellationToken cancellationToken)
    {
        services.Values.CheckKey(key);
        SessionValues.CheckMaximumItems(maximumItems);
        return (int)(await ApplyAsync(SessionChange.Append(key, services.Values.Serialize(item), maximumItems), cancellationToken)).Number;
    }

    private async ValueTask<SessionValue?> FindAsync(string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        return await OpenAsync(cancellationToken) is { } snapshot && snapshot.Data.TryGetValue(key, out var value) ? value : null;
    }

    private async ValueTask<SessionSnapshot?> OpenAsync(CancellationToken cancellationToken)
    {
        var began = services.Metrics.Begin();
        var outcome = SessionOutcome.None;
        try
        {
            var reply = await services.Store.OpenAsync(id, verifier, OpenMode.Peek, cancellationToken);
            outcome = reply.Outcome;
            switch (outcome)
            {
                case SessionOutcome.Opened:
                    return reply.Snapshot;
                case SessionOutcome.Gone:
                    services.Endings.End(id);
                    return null;
                case SessionOutcome.Stale:
                    return null;
                default:
                    throw SessionReplies.Refusal(in reply);
            }
        }
        catch (Exception exception) when (IsFailure(outcome, exception) && !cancellationToken.IsCancellationRequested)
        {
            throw SessionReplies.Unavailable(exception);
        }
        finally
        {
            services.Metrics.Operation(SessionOperation.Open, outcome, began);
        }
    }

    private async ValueTask<SessionChangeResult> ApplyAsync(SessionChange change, CancellationToken cancellationToken) =>
        await CommitAsync(change, cancellationToken) is { Results: [.., var result] }
            ? result
            : throw new SessionUnavailableException("The session store did not tell the result of an atomic operation.");

    private async ValueTask<SessionReply> CommitAsync(SessionChange change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var began = services.Metrics.Begin();
        var outcome = SessionOutcome.None;
        try
        {
            var request = new CommitSession
            {
                Verifier = verifier,
                Operation = OperationId.New(),
                IssuedAt = services.Time.GetUtcNow(),
                Changes = [change],
                Touch = false,
                MayRepeat = false,
            };

            // Not cancelled on its way: its caller would not know what became of it.
            var reply = await services.Store.CommitAsync(id, request, CancellationToken.None);
            outcome = reply.Outcome;
            switch (outcome)
            {
                case SessionOutcome.Committed:
                    return reply;
                case SessionOutcome.Gone:
                    services.Endings.End(id);
                    throw SessionReplies.Ended(outcome);
                case SessionOutcome.Stale:
                    throw SessionReplies.Ended(outcome);
                default:
                    throw SessionReplies.Refusal(in reply);
            }
        }
        catch (Exception exception) when (IsFailure(outcome, exception))
        {
            throw SessionReplies.Unavailable(exception);
        }
        finally
        {
            services.Metrics.Operation(SessionOperation.Commit, outcome, began);
        }
    }

    /// <summary>Whether the store threw, rather than answered.</summary>
    private static bool IsFailure(SessionOutcome outcome, Exception exception) =>
        outcome == SessionOutcome.None && exception is not SessionUnavailableException;
}
