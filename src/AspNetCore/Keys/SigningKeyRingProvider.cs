namespace ServerSession.AspNetCore;

/// <summary>
/// The signing keys as this process knows them. However many requests without a valid token come, at most one read is under way, and a few seconds lie between
/// two of them (guarantee: requests without a valid token are cheap).
/// </summary>
internal sealed class SigningKeyRingProvider(ISigningKeySource source, TimeProvider time)
{
    /// <summary>The least time between two reads that a request asks for because of an unknown key.</summary>
    internal static readonly TimeSpan RefreshPause = TimeSpan.FromSeconds(5);

    /// <summary>The least time between two reads while the ring was never read.</summary>
    internal static readonly TimeSpan LoadPause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private volatile TokenSigningKeyRing? _ring;
    private Task<TokenSigningKeyRing>? _read;
    private long _readAt;

    public bool Changes => source.Changes;

    /// <summary>The ring, without waiting; null while it was never read.</summary>
    public TokenSigningKeyRing? Current => _ring;

    /// <summary>Whether a read is under way. It may fail before somebody who joins it now has waited as long as he may.</summary>
    public bool IsReading => Volatile.Read(ref _read) is { IsCompleted: false };

    /// <summary>The ring, read first where it never was.</summary>
    /// <exception cref="SessionUnavailableException">It was never read and cannot be now.</exception>
    public ValueTask<TokenSigningKeyRing> GetAsync() => _ring is { } ring ? new(ring) : new(ReadAsync(LoadPause));

    /// <summary>The ring as read within <see cref="RefreshPause"/>, because a token names a key that it lacks.</summary>
    /// <exception cref="SessionUnavailableException">It cannot be read now: whether the token is one is unknown.</exception>
    public ValueTask<TokenSigningKeyRing> GetForUnknownKeyAsync() =>
        source.Changes ? new(ReadAsync(RefreshPause)) : GetAsync();

    /// <summary>Reads the ring now, joining a read under way.</summary>
    public Task<TokenSigningKeyRing> RefreshAsync() => ReadAsync(TimeSpan.Zero);

    private Task<TokenSigningKeyRing> ReadAsync(TimeSpan pause)
    {
        lock (_lock)
        {
            if (_read is { } last && (!last.IsCompleted || time.GetElapsedTime(_readAt) < pause))
            {
                return last;
            }

            _readAt = time.GetTimestamp();
            return _read = ReadCoreAsync();
        }
    }

    private async Task<TokenSigningKeyRing> ReadCoreAsync()
    {
        // Off the caller's stack: the lock is held there.
        await Task.Yield();
        var ring = await source.GetAsync().ConfigureAwait(false);
        _ring = ring;
        return ring;
    }
}
