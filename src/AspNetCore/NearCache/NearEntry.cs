namespace ServerSession.AspNetCore;

/// <summary>What this frontend keeps of one session. Its lock orders answers and changes: an answer to what was asked before a change is not kept.</summary>
internal sealed class NearEntry(SessionId id)
{
    private readonly Lock _lock = new();
    private NearState? _state;
    private NearState? _served;
    private long _accessedAt;
    private long _toldAt;
    private int _changes;
    private int _listed;

    public SessionId Id => id;

    public NearState? State => Volatile.Read(ref _state);

    /// <summary>How many changes this frontend has heard of.</summary>
    public int Changes => Volatile.Read(ref _changes);

    /// <summary>Whether it was read since the cache last looked for something to give up.</summary>
    public bool WasRead { get; set; }

    /// <summary>Whether it stands in the list of those whose last access the session has still to hear of; see <see cref="NearTouches"/>.</summary>
    public bool IsListed => Volatile.Read(ref _listed) != 0;

    /// <summary>The last access that was served here and that the session has not heard of; null where there is none.</summary>
    public DateTimeOffset? UntoldAccess
    {
        get
        {
            var access = Volatile.Read(ref _accessedAt);
            return access > Volatile.Read(ref _toldAt) ? new DateTimeOffset(access, TimeSpan.Zero) : null;
        }
    }

    /// <summary>What was served last, whether it is still.</summary>
    public NearState? Served => Volatile.Read(ref _served);

    /// <summary>Notes an access that is served here; followed by a look at <see cref="IsListed"/>, which comes after it for every thread.</summary>
    public void Access(NearState served, DateTimeOffset now)
    {
        if (!WasRead)
        {
            WasRead = true;
        }

        if (!ReferenceEquals(_served, served))
        {
            Volatile.Write(ref _served, served);
        }

        Interlocked.Exchange(ref _accessedAt, now.UtcTicks);
    }

    /// <summary>Puts it on the list; false where it stands there.</summary>
    public bool TryList() => Interlocked.Exchange(ref _listed, 1) == 0;

    /// <summary>Takes it off the list, before the access is read: one that comes after puts it there again.</summary>
    public void Unlist() => Interlocked.Exchange(ref _listed, 0);

    public void Told(DateTimeOffset access)
    {
        if (access.UtcTicks > Volatile.Read(ref _toldAt))
        {
            Volatile.Write(ref _toldAt, access.UtcTicks);
        }
    }

    /// <summary>Keeps an answer, unless the session has changed since it was asked for.</summary>
    /// <param name="state">The answer; null to keep none.</param>
    /// <param name="changes">How many changes there had been when it was asked for.</param>
    public void Keep(NearState? state, int changes)
    {
        lock (_lock)
        {
            // Of two answers the one that was asked for later stays.
            if (_changes == changes && !(_state is { } present && state is not null && present.ConfirmedAt > state.ConfirmedAt))
            {
                Volatile.Write(ref _state, state);
            }
        }
    }

    /// <summary>The session has ended: nothing of it is kept. Returns whether there was something.</summary>
    public bool End()
    {
        WasRead = false;
        Volatile.Write(ref _served, null);
        return Drop();
    }

    /// <summary>The session has changed, or may have: nothing is served of what was asked for before. Returns whether there was something.</summary>
    public bool Drop()
    {
        lock (_lock)
        {
            var had = _state is not null;
            _changes++;
            Volatile.Write(ref _state, null);
            return had;
        }
    }
}

/// <summary>A session as its grain confirmed it.</summary>
/// <param name="Verifier">The verifier that opened it.</param>
/// <param name="Snapshot">The session.</param>
/// <param name="Stamp">The grain's name for the snapshot.</param>
/// <param name="ConfirmedAt">The time stamp of the monotonic clock before the call that confirmed it.</param>
/// <param name="ExpiresAt">When the session expires unless it is accessed before.</param>
/// <param name="IsBound">Whether it is bound to a user.</param>
internal sealed record NearState(VerifierHash Verifier, SessionSnapshot Snapshot, long Stamp, long ConfirmedAt, DateTimeOffset ExpiresAt, bool IsBound);
