using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace ServerSession.AspNetCore;

/// <summary>The session of one request, as the application sees it: typed values over the request's unit of work.</summary>
internal sealed class RequestSession : IServerSession
{
    private readonly ServerSessionFeature _request;
    private readonly SessionServices _services;
    private SessionWatch? _watch;

    public RequestSession(HttpContext context, SessionServices services, ServerSessionFeature request)
    {
        _request = request;
        _services = services;
        Work = new SessionWork(request, new SessionConnection(new PresentedTokens(context.Request, services.Options.Header), services), services);
        Response = new SessionResponse(context, request, Work, services);
    }

    public SessionWork Work { get; }

    public SessionResponse Response { get; }

    public SessionId? Id => Connection.Id;

    public DateTimeOffset? CreatedAt => Connection.Status == SessionStatus.Live ? Connection.CreatedAt : null;

    public DateTimeOffset? ExpiresAt => Connection.Status == SessionStatus.Live ? Connection.ExpiresAt : null;

    public TimeSpan? Remaining
    {
        get
        {
            if (ExpiresAt is not { } expiresAt)
            {
                return null;
            }

            var remaining = expiresAt - _services.Time.GetUtcNow();
            return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
        }
    }

    public bool IsDegraded => Connection.Degraded;

    public CancellationToken Ended
    {
        get
        {
            if (Connection.Id is not { } id || _watch?.Id == id)
            {
                return _watch?.Ended ?? CancellationToken.None;
            }

            var watch = _services.Endings.Acquire(id, Connection.Token!.Verifier, Connection.ExpiresAt);
            try
            {
                Response.OnCompleted(() => _services.Endings.Release(watch));
                _watch = watch;
            }
            catch
            {
                _services.Endings.Release(watch);
                throw;
            }

            return watch.Ended;
        }
    }

    private TypedChanges Changes => _services.Changes;

    /// <summary>What is known of the session, for members that use nothing of the HttpContext.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    private SessionConnection Connection
    {
        get
        {
            _request.ThrowIfOver();
            return Work.Connection;
        }
    }

    /// <inheritdoc cref="ServerSessionFeature.ThrowIfOver"/>
    public void ThrowIfOver() => _request.ThrowIfOver();

    public ValueTask<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        Response.BeginRead();
        return Work.ExistsAsync(cancellationToken);
    }

    public async ValueTask<IReadOnlyCollection<string>> GetKeysAsync(CancellationToken cancellationToken)
    {
        Response.BeginRead();
        await Work.LoadAsync(cancellationToken);
        return Work.Data.Keys.ToArray();
    }

    public async ValueTask<bool> ContainsAsync(string key, CancellationToken cancellationToken) =>
        await FindAsync(key, cancellationToken) is not null;

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public ValueTask<T?> GetAsync<T>(string key, CancellationToken cancellationToken) => GetAsync<T>(key, null, cancellationToken);

    public async ValueTask<T?> GetAsync<T>(string key, JsonTypeInfo<T>? type, CancellationToken cancellationToken) =>
        await FindAsync(key, cancellationToken) is { } value ? _services.Values.Read(value, type) : default;

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public ValueTask<(bool Found, T? Value)> TryGetAsync<T>(string key, CancellationToken cancellationToken) => TryGetAsync<T>(key, null, cancellationToken);

    public async ValueTask<(bool Found, T? Value)> TryGetAsync<T>(string key, JsonTypeInfo<T>? type, CancellationToken cancellationToken) =>
        await FindAsync(key, cancellationToken) is { } value ? (true, _services.Values.Read(value, type)) : (false, default);

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public ValueTask<IReadOnlyList<T>> GetListAsync<T>(string key, CancellationToken cancellationToken) => GetListAsync<T>(key, null, cancellationToken);

    public async ValueTask<IReadOnlyList<T>> GetListAsync<T>(string key, JsonTypeInfo<T>? type, CancellationToken cancellationToken) =>
        _services.Values.ReadList(await FindAsync(key, cancellationToken), type);

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public void Set<T>(string key, T value) => Set<T>(key, value, null);

    public void Set<T>(string key, T value, JsonTypeInfo<T>? type) => Add(Changes.Set(key, value, type));

    /// <summary>Buffers bytes that are the session's from here on.</summary>
    public void SetBytes(string key, ReadOnlyMemory<byte> bytes) => Add(Changes.SetBytes(key, bytes));

    public void Remove(string key) => Add(Changes.Remove(key));

    public void Clear() => Add(SessionChange.Clear());

    public async ValueTask<long> IncrementAsync(string key, long amount, CancellationToken cancellationToken) =>
        (await ApplyAsync(Changes.Increment(key, amount), creates: true, cancellationToken))!.Value.Number;

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public ValueTask<T> GetOrSetAsync<T>(string key, T value, CancellationToken cancellationToken) => GetOrSetAsync<T>(key, value, null, cancellationToken);

    public async ValueTask<T> GetOrSetAsync<T>(string key, T value, JsonTypeInfo<T>? type, CancellationToken cancellationToken) =>
        Changes.ReadGetOrSet(await ApplyAsync(Changes.GetOrSet(key, value, type), creates: true, cancellationToken), value, type);

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public ValueTask<bool> CompareAndSetAsync<T>(string key, T expected, T value, CancellationToken cancellationToken) => CompareAndSetAsync<T>(key, expected, value, null, cancellationToken);

    public async ValueTask<bool> CompareAndSetAsync<T>(string key, T expected, T value, JsonTypeInfo<T>? type, CancellationToken cancellationToken) =>
        await ApplyAsync(Changes.CompareAndSet(key, expected, value, type), creates: false, cancellationToken) is { Applied: true };

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public ValueTask<bool> TryAddAsync<T>(string key, T value, CancellationToken cancellationToken) => TryAddAsync<T>(key, value, null, cancellationToken);

    public async ValueTask<bool> TryAddAsync<T>(string key, T value, JsonTypeInfo<T>? type, CancellationToken cancellationToken) =>
        await ApplyAsync(Changes.TryAdd(key, value, type), creates: true, cancellationToken) is { Applied: true };

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public ValueTask<(bool Found, T? Value)> TakeAsync<T>(string key, CancellationToken cancellationToken) => TakeAsync<T>(key, null, cancellationToken);

    public async ValueTask<(bool Found, T? Value)> TakeAsync<T>(string key, JsonTypeInfo<T>? type, CancellationToken cancellationToken) =>
        Changes.ReadTake(await ApplyAsync(Changes.Take(key), creates: false, cancellationToken), type);

    [RequiresUnreferencedCode(SessionJson.Reflects), RequiresDynamicCode(SessionJson.Reflects)]
    public ValueTask<int> AppendAsync<T>(string key, T item, int maximumItems, CancellationToken cancellationToken) => AppendAsync<T>(key, item, maximumItems, null, cancellationToken);

    public async ValueTask<int> AppendAsync<T>(string key, T item, int maximumItems, JsonTypeInfo<T>? type, CancellationToken cancellationToken) =>
        (int)(await ApplyAsync(Changes.Append(key, item, maximumItems, type), creates: true, cancellationToken))!.Value.Number;

    public async ValueTask RotateAsync(CancellationToken cancellationToken)
    {
        Response.BeginWrite();
        await Work.ChangeTokenAsync(subject: null, cancellationToken);
    }

    public bool? IsBound => Connection.Status == SessionStatus.Live ? Connection.IsBound : null;

    public async ValueTask BindToAsync(string subject, string? label, CancellationToken cancellationToken)
    {
        Response.BeginWrite();
        await Work.ChangeTokenAsync(await _services.Subjects.ToChangeAsync(subject, label, cancellationToken), cancellationToken);
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken)
    {
        Response.BeginWrite();
        await Work.ChangeTokenAsync(SubjectChange.Unbind, cancellationToken);
    }

    public void SetTerms(SessionTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        if (terms.Validate() is { } fault)
        {
            throw new ArgumentException($"The session terms cannot be used. {fault}", nameof(terms));
        }

        Response.BeginWrite();
        Work.SetTerms(terms);
    }

    public async ValueTask DestroyAsync(CancellationToken cancellationToken)
    {
        Response.BeginWrite();
        await Work.DestroyAsync(cancellationToken);
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Response.BeginWrite();
        if (Work.HasWork)
        {
            await Work.CommitAsync(wantSnapshot: true);
        }
    }

    public async ValueTask<IBackgroundSession?> CreateBackgroundSessionAsync(CancellationToken cancellationToken)
    {
        Response.BeginRead();
        if (Work.HasWork)
        {
            await FlushAsync(cancellationToken);
        }

        await Work.LoadAsync(cancellationToken);
        Work.ThrowIfDegraded();
        return Work.Connection is { Status: SessionStatus.Live, Token: { } token } ? new BackgroundSession(token, _services) : null;
    }

    /// <summary>The session, to be followed beyond the request; null where there is none.</summary>
    public async ValueTask<ISessionFollower?> FollowAsync(CancellationToken cancellationToken)
    {
        Response.BeginRead();
        if (Work.HasWork)
        {
            await FlushAsync(cancellationToken);
        }

        await Work.LoadAsync(cancellationToken);
        Work.ThrowIfDegraded();
        return Work.Connection is { Status: SessionStatus.Live, Token: { } token, Snapshot: { } snapshot } connection
            ? new SessionFollower(_services, token, connection.ExpiresAt, snapshot.Terms.IdleTimeout)
            : null;
    }

    private ValueTask<SessionValue?> FindAsync(string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        Response.BeginRead();
        return Work.FindAsync(key, cancellationToken);
    }

    private void Add(SessionChange change)
    {
        Response.BeginWrite();
        Work.Add(change);
    }

    private ValueTask<SessionChangeResult?> ApplyAsync(SessionChange change, bool creates, CancellationToken cancellationToken)
    {
        Response.BeginWrite();
        return Work.ApplyAsync(change, creates, cancellationToken);
    }
}
