using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;

namespace ServerSession.AspNetCore;

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
        var reply = await SendAsync(
            SessionOperation.Open,
            (services.Store, token, cancellationToken),
            static call => call.Store.OpenAsync(call.token.Id, call.token.Verifier, OpenMode.Peek, call.cancellationToken),
            cancellationToken);
        switch (reply.Outcome)
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

    private async ValueTask<SessionChangeResult> ApplyAsync(SessionChange change, CancellationToken cancellationToken) =>
        await CommitAsync(change, cancellationToken) is { Results: [.., var result] }
            ? result
            : throw new SessionUnavailableException("The session store did not return the result of an atomic operation.");

    private async ValueTask<SessionReply> CommitAsync(SessionChange change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var reply = await CommitOnceAsync(change);
        switch (reply.Outcome)
        {
            case SessionOutcome.Committed:
                return reply;
            case SessionOutcome.Gone:
                services.Endings.End(token.Id);
                throw SessionReplies.Ended(reply.Outcome);
            case SessionOutcome.Stale:
                throw SessionReplies.Ended(reply.Outcome);
            default:
                throw SessionReplies.Refusal(in reply);
        }
    }

    /// <summary>Not cancelled on its way: its caller would not know what became of it.</summary>
    private async ValueTask<SessionReply> CommitOnceAsync(SessionChange change)
    {
        var issuedAt = services.Time.GetUtcNow();
        var operation = services.Operations.Begin();
        try
        {
            var request = new CommitSession
            {
                Verifier = token.Verifier,
                Operation = operation.Id,
                FirstUnanswered = operation.FirstUnanswered,
                IssuedAt = issuedAt,
                Changes = [change],
                Touch = false,
            };
            return await SendAsync(
                SessionOperation.Commit, (services.Store, token.Id, request), static call => call.Store.CommitAsync(call.Id, call.request, CancellationToken.None), CancellationToken.None);
        }
        finally
        {
            services.Operations.End(operation.Id.Sequence);
        }
    }

    /// <param name="operation">The operation, for the metrics.</param>
    /// <param name="call">What the call works on.</param>
    /// <param name="send">Makes the call.</param>
    /// <param name="cancellationToken">What cancelled it is no failure of the store.</param>
    /// <exception cref="SessionUnavailableException">The store failed.</exception>
    private async ValueTask<SessionReply> SendAsync<TCall>(
        SessionOperation operation, TCall call, Func<TCall, ValueTask<SessionReply>> send, CancellationToken cancellationToken)
    {
        try
        {
            return await services.Metrics.MeasureAsync(operation, call, send);
        }
        catch (Exception exception) when (exception is not SessionUnavailableException && !cancellationToken.IsCancellationRequested)
        {
            throw SessionReplies.Unavailable(exception);
        }
    }
}
