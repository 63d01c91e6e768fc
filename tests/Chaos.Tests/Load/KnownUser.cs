namespace ServerSession.Tests;

/// <summary>A session that a user was told of. The times are the test's own, on one clock.</summary>
/// <param name="Id">Its public id.</param>
/// <param name="Cookie">Its token.</param>
/// <param name="From">When its sign-in was sent.</param>
/// <param name="Acknowledged">When its sign-in was answered.</param>
internal sealed record SignedIn(string Id, string Cookie, long From, long Acknowledged)
{
    /// <summary>When it was acknowledged that it has ended; the end of time where it was not.</summary>
    public long DeadSince { get; set; } = long.MaxValue;

    /// <summary>Whether its sign-out was sent.</summary>
    public bool MayBeGone { get; set; }
}

/// <summary>One user: the sessions that were acknowledged, and the ends of all of them that were asked for.</summary>
internal sealed class KnownUser(string name)
{
    private readonly Lock _lock = new();
    private readonly List<SignedIn> _sessions = [];
    private readonly List<(long From, long To)> _ends = [];
    private readonly List<string> _faults = [];

    public string Name => name;

    public IReadOnlyList<SignedIn> Sessions
    {
        get
        {
            lock (_lock)
            {
                return [.. _sessions];
            }
        }
    }

    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_lock)
            {
                return [.. _faults];
            }
        }
    }

    public void Add(SignedIn session)
    {
        lock (_lock)
        {
            _sessions.Add(session);
        }
    }

    /// <summary>One of the newest sessions, dead ones included; null where there is none.</summary>
    public SignedIn? Pick(Random random, int newest)
    {
        lock (_lock)
        {
            return _sessions.Count == 0 ? null : _sessions[^(random.Next(Math.Min(newest, _sessions.Count)) + 1)];
        }
    }

    /// <summary>An end of all sessions is sent; it may take effect from now on.</summary>
    public int EndBegins(long from)
    {
        lock (_lock)
        {
            _ends.Add((from, long.MaxValue));
            return _ends.Count - 1;
        }
    }

    /// <summary>It was answered: what was signed in before it was sent is dead from now on.</summary>
    public void EndAcknowledged(int end, long to)
    {
        lock (_lock)
        {
            var from = _ends[end].From;
            _ends[end] = (from, to);
            foreach (var session in _sessions)
            {
                if (session.Acknowledged < from && to < session.DeadSince)
                {
                    session.DeadSince = to;
                }
            }
        }
    }

    public void SignedOut(SignedIn session, long at)
    {
        lock (_lock)
        {
            session.DeadSince = Math.Min(session.DeadSince, at);
        }
    }

    /// <summary>Compares an answer of "who am I" with what was acknowledged.</summary>
    /// <param name="session">The session that was asked for.</param>
    /// <param name="from">When the question was sent.</param>
    /// <param name="isLive">What it was answered.</param>
    /// <param name="mayBeEnded">Whether a newer session may have ended it.</param>
    public void Check(SignedIn session, long from, bool isLive, bool mayBeEnded)
    {
        lock (_lock)
        {
            if (isLive && session.DeadSince < from)
            {
                _faults.Add($"{name}: session {session.Id} was let in after its end was acknowledged");
            }

            // An end that was not acknowledged may have happened at any time since it was sent.
            if (!isLive && !mayBeEnded && !session.MayBeGone && !_ends.Exists(end => end.To > session.From))
            {
                _faults.Add($"{name}: session {session.Id} is gone, and nobody ended it");
            }
        }
    }

    public void Fault(string fault)
    {
        lock (_lock)
        {
            _faults.Add($"{name}: {fault}");
        }
    }
}
