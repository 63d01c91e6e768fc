namespace ServerSession;

/// <summary>
/// Tells requests of this process that the session they watch has ended. A session is watched only while some request holds its
/// <see cref="IServerSession.Ended"/>, so nothing is left behind.
/// </summary>
internal sealed class SessionEndings(IServerSessionStore store, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SessionId, SessionWatch> _watches = [];
    private volatile int _count;

    /// <summary>How many sessions are watched.</summary>
    public int Count => _count;

    /// <summary>Starts to watch a session; every call is paired with a <see cref="Release"/>.</summary>
    public SessionWatch Acquire(SessionId id, VerifierHash verifier, DateTimeOffset expiresAt)
    {
        SessionWatch? watch;
        bool isNew;
        lock (_lock)
        {
            isNew = !_watches.TryGetValue(id, out watch);
            if (isNew)
            {
                watch = new SessionWatch(this, id, verifier, expiresAt, store, time);
                _watches.Add(id, watch);
                _count = _watches.Count;
            }

            watch!.Holders++;
        }

        if (isNew)
        {
            watch.Ask();
        }

        return watch;
    }

    public void Release(SessionWatch watch)
    {
        lock (_lock)
        {
            if (--watch.Holders == 0)
            {
                Forget(watch);
            }
        }
    }

    /// <summary>Notes the deadline and the token of a session as its grain just reported them.</summary>
    public void Observe(SessionId id, VerifierHash verifier, DateTimeOffset expiresAt)
    {
        if (_count != 0 && Find(id) is { } watch)
        {
            watch.Observe(verifier, expiresAt);
        }
    }

    /// <summary>The session was destroyed here, or its grain said that it is gone.</summary>
    public void End(SessionId id)
    {
        if (_count == 0)
        {
            return;
        }

        SessionWatch? watch;
        lock (_lock)
        {
            if (_watches.TryGetValue(id, out watch))
            {
                Forget(watch);
            }
        }

        watch?.Fire();
    }

    private SessionWatch? Find(SessionId id)
    {
        lock (_lock)
        {
            return _watches.GetValueOrDefault(id);
        }
    }

    private void Forget(SessionWatch watch)
    {
        if (_watches.TryGetValue(watch.Id, out var current) && ReferenceEquals(current, watch))
        {
            _watches.Remove(watch.Id);
            _count = _watches.Count;
        }

        watch.Stop();
    }
}
