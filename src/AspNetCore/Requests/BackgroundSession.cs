using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;

namespace ServerSession;

/// <summary>A session by its token: it holds nothing of a request.</summary>
internal sealed class BackgroundSession(VerifiedToken token, SessionServices services) : IBackgroundSession
{
    public SessionId Id => token.Id;

    private TypedChanges Changes => services.Changes;

    public async ValueTask<bool> ExistsAsync(CancellationToken cancellationToken) => await OpenAsync(cancellationToken) is not null;

    public async ValueTask<IReadOnlyCollection<string>> GetKeysAsync(CancellationToken cancellationToken) =>
        await OpenAsync(cancellationToken) is { } snapshot ? snapshot.Data.Keys.ToArray() : [];

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public ValueTask<T?> GetAsync<T>(string key, CancellationToken cancellationToken) => GetAsync<T>(key, null, cancellationToken);

    public async ValueTask<T?> GetAsync<T>(string key, JsonTypeInfo<T>? type, CancellationToken cancellationToken) =>
        await FindAsync(key, cancellationToken) is { } value ? services.Values.Read(value, type) : default;

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public ValueTask<(bool Found, T? Value)> TryGetAsync<T>(string key, CancellationToken cancellationToken) => TryGetAsync<T>(key, null, cancellationToken);

    public async ValueTask<(bool Found, T? Value)> TryGetAsync<T>(string key, JsonTypeInfo<T>? type, CancellationToken cancellationToken) =>
        await FindAsync(key, cancellationToken) is { } value ? (true, services.Values.Read(value, type)) : (false, default);

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public ValueTask<IReadOnlyList<T>> GetListAsync<T>(string key, CancellationToken cancellationToken) => GetListAsync<T>(key, null, cancellationToken);

    public async ValueTask<IReadOnlyList<T>> GetListAsync<T>(string key, JsonTypeInfo<T>? type, CancellationToken cancellationToken) =>
        services.Values.ReadList(await FindAsync(key, cancellationToken), type);

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public ValueTask SetAsync<T>(string key, T value, CancellationToken cancellationToken) => SetAsync<T>(key, value, null, cancellationToken);

    public async ValueTask SetAsync<T>(string key, T value, JsonTypeInfo<T>? type, CancellationToken cancellationToken) =>
        await CommitAsync(Changes.Set(key, value, type), cancellationToken);

    public async ValueTask RemoveAsync(string key, CancellationToken cancellationToken) => await CommitAsync(Changes.Remove(key), cancellationToken);

    public async ValueTask ClearAsync(CancellationToken cancellationToken) => await CommitAsync(SessionChange.Clear(), cancellationToken);

    public async ValueTask<long> IncrementAsync(string key, long amount, CancellationToken cancellationToken) =>
        (await ApplyAsync(Changes.Increment(key, amount), cancellationToken)).Number;

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public ValueTask<T> GetOrSetAsync<T>(string key, T value, CancellationToken cancellationToken) => GetOrSetAsync<T>(key, value, null, cancellationToken);

    public async ValueTask<T> GetOrSetAsync<T>(string key, T value, JsonTypeInfo<T>? type, CancellationToken cancellationToken) =>
        Changes.ReadGetOrSet(await ApplyAsync(Changes.GetOrSet(key, value, type), cancellationToken), value, type);

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public ValueTask<bool> CompareAndSetAsync<T>(string key, T expected, T value, CancellationToken cancellationToken) => CompareAndSetAsync<T>(key, expected, value, null, cancellationToken);

    public async ValueTask<bool> CompareAndSetAsync<T>(string key, T expected, T value, JsonTypeInfo<T>? type, CancellationToken cancellationToken) =>
        (await ApplyAsync(Changes.CompareAndSet(key, expected, value, type), cancellationToken)).Applied;

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public ValueTask<bool> TryAddAsync<T>(string key, T value, CancellationToken cancellationToken) => TryAddAsync<T>(key, value, null, cancellationToken);

    public async ValueTask<bool> TryAddAsync<T>(string key, T value, JsonTypeInfo<T>? type, CancellationToken cancellationToken) =>
        (await ApplyAsync(Changes.TryAdd(key, value, type), cancellationToken)).Applied;

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public ValueTask<(bool Found, T? Value)> TakeAsync<T>(string key, CancellationToken cancellationToken) => TakeAsync<T>(key, null, cancellationToken);

    public async ValueTask<(bool Found, T? Value)> TakeAsync<T>(string key, JsonTypeInfo<T>? type, CancellationToken cancellationToken) =>
        Changes.ReadTake(await ApplyAsync(Changes.Take(key), cancellationToken), type);

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public ValueTask<int> AppendAsync<T>(string key, T item, int maximumItems, CancellationToken cancellationToken) => AppendAsync<T>(key, item, maximumItems, null, cancellationToken);

    public async ValueTask<int> AppendAsync<T>(string key, T item, int maximumItems, JsonTypeInfo<T>? type, CancellationToken cancellationToken) =>
        (int)(await ApplyAsync(Changes.Append(key, item, maximumItems, type), cancellationToken)).Number;

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
            var reply = await services.Store.OpenAsync(token.Id, token.Verifier, OpenMode.Peek, cancellationToken);
            outcome = reply.Outcome;
            switch (outcome)
            {
                case SessionOutcome.Opened:
                    return reply.Snapshot;
                case SessionOutcome.Gone:
                    services.Endings.End(token.Id);
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
            : throw new SessionUnavailableException("The session store did not return the result of an atomic operation.");

    private async ValueTask<SessionReply> CommitAsync(SessionChange change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var began = services.Metrics.Begin();
        var outcome = SessionOutcome.None;
        try
        {
            var request = new CommitSession
            {
                Verifier = token.Verifier,
                Operation = OperationId.New(),
                IssuedAt = services.Time.GetUtcNow(),
                Changes = [change],
                Touch = false,
                MayRepeat = false,
            };

            // Not cancelled on its way: its caller would not know what became of it.
            var reply = await services.Store.CommitAsync(token.Id, request, CancellationToken.None);
            outcome = reply.Outcome;
            switch (outcome)
            {
                case SessionOutcome.Committed:
                    return reply;
                case SessionOutcome.Gone:
                    services.Endings.End(token.Id);
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
