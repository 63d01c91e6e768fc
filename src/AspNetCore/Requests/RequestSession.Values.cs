using System.Diagnostics.CodeAnalysis;
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
        await FindAsync(key, cancellationToken) is { } value ? Read<T>(value) : default;

    public async ValueTask<(bool Found, T? Value)> TryGetAsync<T>(string key, CancellationToken cancellationToken) =>
        await FindAsync(key, cancellationToken) is { } value ? (true, Read<T>(value)) : (false, default);

    public async ValueTask<IReadOnlyList<T>> GetListAsync<T>(string key, CancellationToken cancellationToken)
    {
        if (await FindAsync(key, cancellationToken) is not { } value)
        {
            return [];
        }

        if (value.Kind != SessionValueKind.List)
        {
            throw new SessionValueException("The value is not a list. Read it with GetAsync.");
        }

        return SessionList.Items(value.Bytes).ConvertAll(item => Deserialize<T>(item)!);
    }

    public ValueTask SetAsync<T>(string key, T value, CancellationToken cancellationToken)
    {
        CheckKey(key);
        SetBytes(key, Serialize(value));
        return default;
    }

    public void Remove(string key)
    {
        CheckKey(key);
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
        CheckKey(key);
        UseForWriting();
        if (bytes.Length > _services.Options.Limits.ValueBytes)
        {
            throw new SessionLimitException(
                SessionLimit.ValueBytes, $"A value has {bytes.Length} bytes; the limit ValueBytes is {_services.Options.Limits.ValueBytes}.");
        }

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

    private T? Read<T>(SessionValue value) => value.Kind == SessionValueKind.Bytes
        ? Deserialize<T>(value.Bytes)
        : throw new SessionValueException("The value is a list. Read it with GetListAsync.");

    private T? Deserialize<T>(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return _services.Serializer.Deserialize<T>(bytes);
        }
        catch (Exception exception) when (exception is not SessionValueException)
        {
            // A serializer's message quotes what it read: user data that must not reach logs. So it is not even the inner exception.
            throw new SessionValueException($"A value of the session cannot be read as {typeof(T).Name}. Remove the key or read it as the type it was written with.");
        }
    }

    private byte[] Serialize<T>(T value)
    {
        try
        {
            return _services.Serializer.Serialize(value);
        }
        catch (Exception exception) when (exception is not (SessionValueException or OutOfMemoryException))
        {
            throw new SessionValueException($"A {typeof(T).Name} cannot be kept in the session: the serializer refuses it with {exception.GetType().Name}.");
        }
    }

    private void CheckKey([NotNull] string? key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var bytes = SessionKey.ByteLength(key);
        if (bytes < 0)
        {
            throw new ArgumentException("A session key is empty or not valid Unicode. Use a non-empty string without unpaired surrogates.", nameof(key));
        }

        if (bytes > _services.Options.Limits.KeyBytes)
        {
            throw new SessionLimitException(SessionLimit.KeyBytes, $"A key has {bytes} bytes; the limit KeyBytes is {_services.Options.Limits.KeyBytes}.");
        }
    }
}
