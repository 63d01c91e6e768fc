using System.Diagnostics.CodeAnalysis;

namespace ServerSession.AspNetCore;

/// <summary>
/// One watched session. Its grain reports the end. A timer asks the grain, without extending the session, at the deadline that this process knows (another
/// frontend may have moved it), and before the grain stops reporting.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The source has no timer, and requests may still hold its token; the timer is disposed in Stop.")]
internal sealed class SessionWatch
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly SessionEndings _endings;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private VerifierHash _verifier;
    private DateTimeOffset _told;
    private DateTimeOffset _expiresAt;
    private long _answeredAt;
    private TimeSpan _askAfter = TimeSpan.MaxValue;
    private TaskCompletionSource? _answered;
    private Guid _link;
    private bool _isFirst = true;
    private bool _askAgain;
    private bool _stopped;

    public SessionWatch(SessionEndings endings, SessionId id, VerifierHash verifier, DateTimeOffset expiresAt, TimeProvider time)
    {
        Id = id;
        _endings = endings;
        _time = time;
        _verifier = verifier;
        _expiresAt = _told = expiresAt;
        _answeredAt = time.GetTimestamp();
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(static watch => ((SessionWatch)watch!).OnDue(), this, Wait(), Timeout.InfiniteTimeSpan);
        }
    }

    public SessionId Id { get; }

    public CancellationToken Ended => _ended.Token;

    /// <summary>How many hold it; guarded by the registry's lock.</summary>
    public int Holders { get; set; }

    /// <summary>The deadline as it was last reported.</summary>
    public DateTimeOffset ExpiresAt
    {
        get
        {
            lock (_lock)
            {
                return _told;
            }
        }
    }

    /// <summary>Whether its end is told on that link.</summary>
    public bool IsToldOn(Guid link)
    {
        lock (_lock)
        {
            return _link == link;
        }
    }

    public void Observe(VerifierHash verifier, DateTimeOffset expiresAt)
    {
        lock (_lock)
        {
            _verifier = verifier;
            var earlier = expiresAt < _expiresAt;
            _expiresAt = _told = expiresAt;

            // A later deadline needs no timer change: the timer looks at it when it fires.
            if (earlier)
            {
                Arm();
            }
        }
    }

    /// <summary>
    /// Asks the grain now. A call made while another one is pending leads to one more call afterwards, because the pending answer may be older.
    /// </summary>
    public void Ask() => _ = RefreshAsync();

    /// <inheritdoc cref="Ask"/>
    public Task RefreshAsync()
    {
        TaskCompletionSource answered;
        lock (_lock)
        {
            if (_stopped)
            {
                return Task.CompletedTask;
            }

            if (_answered is { } present)
            {
                _askAgain = true;
                return present.Task;
            }

            answered = _answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _ = AskAsync(answered);
        return answered.Task;
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
            if (Wait() > LeastWait)
            {
                Arm();
                return;
            }
        }

        Ask();
    }

    private async Task AskAsync(TaskCompletionSource answered)
    {
        do
        {
            VerifierHash verifier;
            bool isFirst;
            lock (_lock)
            {
                _askAgain = false;
                verifier = _verifier;
                (isFirst, _isFirst) = (_isFirst, false);
            }

            WatchReply? reply = null;
            try
            {
                reply = await _endings.AskAsync(Id, verifier, isFirst);
            }
            catch (Exception)
            {
                // The session cannot be reached; the store has logged it. Whether the session ended is asked again.
            }

            if (reply is { Session.Outcome: SessionOutcome.Gone })
            {
                _endings.End(Id);
            }
            else
            {
                Note(reply);
            }
        }
        while (IsAskedAgain());

        answered.SetResult();
    }

    private bool IsAskedAgain()
    {
        lock (_lock)
        {
            if (_askAgain && !_stopped)
            {
                return true;
            }

            _answered = null;
            return false;
        }
    }

    private void Note(in WatchReply? reply)
    {
        var link = reply?.Link ?? Guid.Empty;
        lock (_lock)
        {
            _answeredAt = _time.GetTimestamp();
            _link = link;
            if (reply is { } told && told.Session.ExpiresAt > DateTimeOffset.MinValue)
            {
                _askAfter = told.AskAfter;
                _expiresAt = _told = told.Session.ExpiresAt;
            }
            else
            {
                // Nobody answered, or a store says of a replaced token only that the session lives.
                _askAfter = AskAgain;
                _expiresAt = DateTimeOffset.MaxValue;
            }

            Arm();
        }

        if (link != Guid.Empty && !_endings.IsHeard(link))
        {
            // The silo left, or fell silent, while its answer was on the way: whoever looked for the sessions of the link did not find this one.
            Ask();
        }
    }

    private void Arm()
    {
        if (!_stopped)
        {
            _timer.Change(Wait(), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>How long until the grain is to be asked.</summary>
    private TimeSpan Wait()
    {
        var wait = _expiresAt - _time.GetUtcNow();
        if (_askAfter < LongestWait && _askAfter - _time.GetElapsedTime(_answeredAt) is var rest && rest < wait)
        {
            wait = rest;
        }

        return wait < LeastWait ? LeastWait : wait > LongestWait ? LongestWait : wait;
    }
}
