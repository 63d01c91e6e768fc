using System.Diagnostics.CodeAnalysis;

namespace ServerSession;

/// <summary>
/// One watched session. Its timer fires at the deadline that this process knows of, and then asks the grain without extending the session:
/// another frontend may have moved it.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The source has no timer of its own, and requests may still hold its token; the timer is disposed in Stop.")]
internal sealed class SessionWatch
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly SessionEndings _endings;
    private readonly IServerSessionStore _store;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private VerifierHash _verifier;
    private DateTimeOffset _expiresAt;
    private bool _stopped;

    public SessionWatch(SessionEndings endings, SessionId id, VerifierHash verifier, DateTimeOffset expiresAt, IServerSessionStore store, TimeProvider time)
    {
        Id = id;
        _endings = endings;
        _store = store;
        _time = time;
        _verifier = verifier;
        _expiresAt = expiresAt;
        _timer = time.CreateTimer(static watch => ((SessionWatch)watch!).OnDue(), this, WaitUntil(expiresAt), Timeout.InfiniteTimeSpan);
    }

    public SessionId Id { get; }

    public CancellationToken Ended => _ended.Token;

    /// <summary>How many requests hold it; guarded by the registry's lock.</summary>
    public int Holders { get; set; }

    public void Observe(VerifierHash verifier, DateTimeOffset expiresAt)
    {
        lock (_lock)
        {
            _verifier = verifier;
            var earlier = expiresAt < _expiresAt;
            _expiresAt = expiresAt;

            // A later deadline needs no timer change: the timer looks at it when it fires.
            if (earlier && !_stopped)
            {
                _timer.Change(WaitUntil(expiresAt), Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Asks the grain now: the session may have ended between its opening and the start of the watch.</summary>
    public void Ask()
    {
        VerifierHash verifier;
        lock (_lock)
        {
            verifier = _verifier;
        }

        _ = AskAsync(verifier);
    }

    public void Stop()
    {
        lock (_lock)
        {
            _stopped = true;
            _timer.Dispose();
        }
    }

    /// <summary>Runs the callbacks on the pool: the request that ends a session does not wait for its watchers.</summary>
    public void Fire() => _ = _ended.CancelAsync();

    private void OnDue()
    {
        lock (_lock)
        {
            if (_stopped)
            {
                return;
            }

            if (_expiresAt > _time.GetUtcNow())
            {
                _timer.Change(WaitUntil(_expiresAt), Timeout.InfiniteTimeSpan);
                return;
            }
        }

        Ask();
    }

    private async Task AskAsync(VerifierHash verifier)
    {
        var next = _time.GetUtcNow() + AskAgain;
        try
        {
            var reply = await _store.OpenAsync(Id, verifier, OpenMode.Peek, CancellationToken.None);
            if (reply.Outcome == SessionOutcome.Gone)
            {
                _endings.End(Id);
                return;
            }

            // A stale verifier means that the session lives: it was rotated elsewhere, and its deadline is asked for again later.
            next = reply.Outcome == SessionOutcome.Opened ? reply.ExpiresAt : next;
        }
        catch (Exception)
        {
            // The grain cannot be reached; the store has logged it. Whether the session ended is asked again.
        }

        lock (_lock)
        {
            if (!_stopped)
            {
                _expiresAt = next > _expiresAt ? next : _expiresAt;
                _timer.Change(WaitUntil(next), Timeout.InfiniteTimeSpan);
            }
        }
    }

    private TimeSpan WaitUntil(DateTimeOffset due)
    {
        var wait = due - _time.GetUtcNow();
        return wait < LeastWait ? LeastWait : wait > LongestWait ? LongestWait : wait;
    }
}
