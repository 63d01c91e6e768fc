using ServerSession.Core;

namespace ServerSession;

internal sealed partial class RequestSession
{
    public ValueTask<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        Use();
        return _pending.NeedsSession && !_connection.Degraded ? new(true) : LoadAsync(cancellationToken);
    }

    public async ValueTask<IReadOnlyCollection<string>> GetKeysAsync(CancellationToken cancellationToken)
    {
        Use();
        await LoadAsync(cancellationToken);
        return Data.Keys.ToArray();
    }

    public async ValueTask<bool> ContainsAsync(string key, CancellationToken cancellationToken) =>
        await FindAsync(key, cancellationToken) is not null;

    public async ValueTask<T?> GetAsync<T>(string key, CancellationToken cancellationToken) =>
        await FindAsync(key, cancellationToken) is { } value ? _services.Values.Read<T>(value) : default;

    public async ValueTask<(bool Found, T? Value)> TryGetAsync<T>(string key, CancellationToken cancellationToken) =>
        await FindAsync(key, cancellationToken) is { } value ? (true, _services.Values.Read<T>(value)) : (false, default);

    public async ValueTask<IReadOnlyList<T>> GetListAsync<T>(string key, CancellationToken cancellationToken) =>
        _services.Values.ReadList<T>(await FindAsync(key, cancellationToken));

    public ValueTask SetAsync<T>(string key, T value, CancellationToken cancellationToken)
    {
        _services.Values.CheckKey(key);
        SetBytes(key, _services.Values.Serialize(value));
        return default;
    }

    public void Remove(string key)
    {
        _services.Values.CheckKey(key);
        UseForWriting();
        Add(SessionChange.Remove(key));
    }

    public void Clear()
    {
        UseForWriting();
        Add(SessionChange.Clear());
    }

    /// <summary>Buffers bytes that are the session's from here on.</summary>
    public void SetBytes(string key, ReadOnlyMemory<byte> bytes)
    {
        _services.Values.CheckKey(key);
        UseForWriting();
        _services.Values.CheckValue(bytes.Length);
        Add(SessionChange.Set(key, bytes));
    }

    /// <summary>The data with this request's changes on top. Call it after a load.</summary>
    private SessionData Data => _pending.Over(_connection.Snapshot?.Data ?? SessionData.Empty);

    private void Add(SessionChange change)
    {
        // Before they are sent, so that a request which makes changes without end fills neither this process nor the owner's.
        var limit = _services.Options.Limits.Changes;
        if (!_connection.Degraded && !_pending.TryAdd(change, limit))
        {
            throw new SessionLimitException(SessionLimit.Changes, $"The request has {limit} changes that are not committed, which is the limit Changes; it follows from Keys.");
        }
    }

    private ValueTask<SessionValue?> FindAsync(string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        Use();
        if (_pending.TryDecide(key, out var decided))
        {
            return new(decided);
        }

        var load = LoadAsync(cancellationToken);
        return load.IsCompletedSuccessfully ? new(Find(key)) : FindSlowlyAsync(load, key);
    }

    private async ValueTask<SessionValue?> FindSlowlyAsync(ValueTask<bool> load, string key)
    {
        await load;
        return Find(key);
    }

    private SessionValue? Find(string key) =>
        _connection.Snapshot is { } snapshot && snapshot.Data.TryGetValue(key, out var value) ? value : null;
}
