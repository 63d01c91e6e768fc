using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>
/// The phase of a session in its activation, and what follows from each: how long the activation stays in memory, which timers run, and what the
/// observers hear. Used under the session's lock.
/// </summary>
/// <remarks>
/// The end that comes by itself is an entry in the silo's timing wheel, armed only where the deadline falls into the time that the activation is
/// likely to be in memory, and never armed again by a touch: an entry that fires early is armed again for the rest.
/// </remarks>
internal sealed partial class SessionLifetime(ISessionActivation activation)
{
    private static readonly TimeSpan KeepAliveMargin = TimeSpan.FromMinutes(2);

    private ExpiryEntry? _expiry;
    private IDisposable? _flushTimer;
    private long _keptUntil;
    private volatile bool _isLeaving;
    private bool _isObserved;

    public SessionPhase Phase { get; private set; } = SessionPhase.Unread.Instance;

    public SessionGrainServices Services => activation.Services;

    public SessionId Id => activation.Id;

    /// <summary>Whether the activation is being deactivated: no timer is armed any more, and nothing is published.</summary>
    public bool IsLeaving => _isLeaving;

    /// <summary>A created, read, resolved or migrated session is served.</summary>
    public void SetLive(SessionState state, DateTimeOffset lastAccess)
    {
        var live = new LiveSession(state, lastAccess);
        Phase = live;
        StopFlushTimer();
        Touch(live, lastAccess);
        var observed = new ObservedSession(Id, state, lastAccess);
        if (_isObserved)
        {
            Services.Observers.Changed(in observed);
        }
        else
        {
            _isObserved = true;
            Services.Observers.Activated(in observed);
        }
    }

    /// <summary>There is no row: there is nothing to stay in memory for.</summary>
    public void SetAbsent()
    {
        Phase = SessionPhase.Absent.Instance;
        activation.DeactivateWhenIdle();
    }

    /// <summary>The session is gone. The activation goes as well, or stays until its tombstone is due. Who knew it alive hears that it is not known here any more.</summary>
    public void SetEnded(DateTimeOffset tombstoneUntil = default)
    {
        StopTimers();
        if (_isObserved)
        {
            _isObserved = false;
            Services.Observers.Deactivated(Id);
        }

        if (tombstoneUntil > DateTimeOffset.MinValue)
        {
            Phase = new SessionPhase.Ended(tombstoneUntil);
            KeepTombstone(tombstoneUntil);
        }
        else
        {
            Phase = SessionPhase.Ended.WithoutTombstone;
            activation.DeactivateWhenIdle();
        }
    }

    /// <summary>The live session ended here.</summary>
    public void SetEnded(DateTimeOffset tombstoneUntil, SessionEndReason reason)
    {
        _isObserved = false;
        SetEnded(tombstoneUntil);
        Services.Observers.Ended(Id, reason);
    }

    /// <summary>
    /// A write is in doubt. Where only this activation has what was acknowledged, it stays, and the flush timer or the next call resolves the write;
    /// otherwise it goes.
    /// </summary>
    public void SetInDoubt(SessionPhase.InDoubt write)
    {
        Phase = write;
        StopTimers();
        if (write.Unsaved is null)
        {
            activation.DeactivateInDoubt();
        }
        else
        {
            activation.DelayDeactivation(KeepAliveMargin);
            _keptUntil = 0;
            StartFlushTimer(Services.Options.StorageTimeout);
        }
    }

    /// <exception cref="SessionUnavailableException">A write is in doubt.</exception>
    public void ThrowIfInDoubt()
    {
        if (Phase is SessionPhase.InDoubt)
        {
            throw new SessionUnavailableException("A storage write of the session is in doubt; it is loaded again.");
        }
    }

    /// <summary>Tells the observers of a commit that was stored and is served now.</summary>
    public void TellChanges(SessionState before, LiveSession live)
    {
        var next = live.State;
        if (next.Snapshot.Version == before.Snapshot.Version)
        {
            return;
        }

        var observed = new ObservedSession(Id, next, live.LastAccess);
        if (next.Verifier != before.Verifier)
        {
            Services.Observers.Rotated(in observed);
        }

        Services.Observers.Changed(in observed);
    }

    /// <summary>The answer to a token that a rotation has replaced, or to one that never was.</summary>
    public SessionReply Stale(LiveSession live, DateTimeOffset now)
    {
        var reply = live.Stale(now, Services.Options.RotationGrace);
        Services.Observers.StaleToken(Id, reply.GraceIsOver);
        if (reply.GraceIsOver)
        {
            LogStaleToken(Services.Logger, Id);
        }

        return reply;
    }

    /// <summary>Moves the last access, never backwards, and extends timer and activation where the new deadline needs it.</summary>
    public void Touch(LiveSession live, DateTimeOffset access)
    {
        live.Touch(access);
        var now = Services.Now;
        var deadline = live.Deadline;
        if (live.IsVolatile)
        {
            KeepVolatile(deadline, now);
        }
        else if (_keptUntil > 0)
        {
            activation.DelayDeactivation(TimeSpan.Zero);
            _keptUntil = 0;
        }

        if (_expiry is null && (live.IsVolatile || deadline - now <= Services.Options.CollectionAge))
        {
            ArmExpiry(deadline - now);
        }
    }

    /// <summary>
    /// The timer fired before the deadline, because the deadline has moved or the clock was set back: what depends on the clock is armed again.
    /// </summary>
    public void Renew(LiveSession live)
    {
        DisarmExpiry();
        if (live.IsVolatile)
        {
            _keptUntil = 0;
        }

        Touch(live, live.LastAccess);
    }

    public void KeepTombstone(DateTimeOffset until)
    {
        var rest = until - Services.Now;
        activation.DelayDeactivation(rest + KeepAliveMargin);
        ArmExpiry(rest);
    }

    public void ArmExpiry(TimeSpan due)
    {
        DisarmExpiry();
        if (!_isLeaving)
        {
            _expiry = new ExpiryEntry(activation);
            Services.Expiry.Add(_expiry, due);
        }
    }

    public void DisarmExpiry()
    {
        if (_expiry is { } entry)
        {
            Services.Expiry.Remove(entry);
            _expiry = null;
        }
    }

    public void StartFlushTimer(TimeSpan due)
    {
        if (!_isLeaving)
        {
            _flushTimer ??= activation.StartFlushTimer(due);
        }
    }

    public void StopFlushTimer()
    {
        _flushTimer?.Dispose();
        _flushTimer = null;
    }

    public void DeactivateWhenIdle() => activation.DeactivateWhenIdle();

    /// <summary>From now on nothing is armed or published.</summary>
    public void BeginLeaving() => _isLeaving = true;

    /// <summary>The activation has left.</summary>
    public void Leave()
    {
        _isLeaving = true;
        DisarmExpiry();
        if (_isObserved)
        {
            _isObserved = false;
            Services.Observers.Deactivated(Id);
        }
    }

    /// <summary>A volatile session has no row to come back from, so its activation stays until its deadline; told to Orleans seldom.</summary>
    private void KeepVolatile(DateTimeOffset deadline, DateTimeOffset now)
    {
        if ((deadline + (KeepAliveMargin / 2)).UtcTicks > _keptUntil)
        {
            activation.DelayDeactivation(deadline - now + KeepAliveMargin);
            _keptUntil = (deadline + KeepAliveMargin).UtcTicks;
        }
    }

    private void StopTimers()
    {
        DisarmExpiry();
        StopFlushTimer();
    }
}
