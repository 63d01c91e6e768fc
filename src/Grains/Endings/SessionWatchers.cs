using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>
/// Which frontends watch which sessions of this silo, and the messages to them. A session that nobody watches has no entry.
/// </summary>
/// <remarks>
/// A registration stands for one activation: it is made by a call of the session's grain, renewed by further calls, which keep the activation in
/// memory, and ends with the activation, of which the frontend is told. So an entry never speaks for a session that lives on another silo. A silo
/// that dies notifies nobody; its frontends miss its heartbeats and ask again.
/// </remarks>
internal sealed partial class SessionWatchers : ISessionObserver, ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    /// <summary>How many renewals may be lost before a registration ends.</summary>
    private const double LifeInRenewals = 2.5;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<SessionId, WatchedSession> _sessions = new();
    private readonly FrontendLinks _links;
    private readonly ISiloFence _fence;
    private readonly WatchMetrics _metrics;
    private readonly ILogger<SessionWatchers> _logger;
    private readonly TimeSpan _renewAfter;

    // Stamps of different silos must differ: a frontend may send one that another silo has issued.
    private long _lastStamp = Random.Shared.NextInt64(long.MaxValue / 2);
    private long _lastNumber;
    private int _count;
    private long _swept;
    private volatile bool _stopped;
    private ITimer? _timer;

    public SessionWatchers(
        ISiloFence fence, SessionClock clock, WatchLimits limits, WatchMetrics metrics, IOptions<SessionGrainOptions> options, ILogger<SessionWatchers> logger)
    {
        _links = new FrontendLinks(this);
        _fence = fence;
        _metrics = metrics;
        _logger = logger;
        Clock = clock.Monotonic;
        Limits = limits;

        // Often enough to keep the activation in memory.
        var third = options.Value.CollectionAge / 3;
        _renewAfter = third < limits.RenewAfter ? third : limits.RenewAfter;
    }

    public TimeProvider Clock { get; }

    public WatchLimits Limits { get; }

    /// <summary>Whether what this silo says of its sessions can be trusted.</summary>
    public bool MaySend => _fence.IsFresh;

    /// <summary>How many registrations there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many frontends are told.</summary>
    public int Frontends => _links.Count;

    /// <summary>The number of the newest registering.</summary>
    public long LastNumber => Volatile.Read(ref _lastNumber);

    /// <summary>
    /// Registers the frontend, or renews that, and takes from the reply what the frontend has already. With the session's lock held, so that
    /// no change and no end comes between.
    /// </summary>
    public WatchReply Register(SessionId id, WatchSession request, in SessionReply session)
    {
        while (request.Frontend is { } frontend && !_stopped)
        {
            var watched = _sessions.GetOrAdd(id, static _ => new WatchedSession());
            lock (watched)
            {
                if (watched.IsRemoved)
                {
                    continue;
                }

                if (FindOrAdd(watched, frontend) is { } registration)
                {
                    return Renew(registration, request, in session);
                }

                RemoveIfEmpty(id, watched);
                return new WatchReply { Session = session, AskAfter = Limits.AskAfterWhenFull };
            }
        }

        return new WatchReply { Session = session, AskAfter = Limits.SignOfLife };
    }

    public void Changed(in ObservedSession session)
    {
        if (Count > 0 && _sessions.TryGetValue(session.Id, out var watched))
        {
            lock (watched)
            {
                watched.Change(session.Id);
            }
        }
    }

    public void Ended(SessionId id, SessionEndReason reason) => Leave(id, SessionNoticeKind.Ended);

    public void Deactivated(SessionId id) => Leave(id, SessionNoticeKind.Moved);

    /// <summary>All sessions may have ended: every frontend that watches one asks for it again.</summary>
    public void AskForAll()
    {
        foreach (var (id, _) in _sessions)
        {
            Leave(id, SessionNoticeKind.Moved);
        }
    }

    /// <summary>Removes the registrations of sessions that a frontend says it does not watch, but for those it made since the message that it answers.</summary>
    public void Forget(FrontendLink link, SessionId[] ids, long last)
    {
        foreach (var id in ids)
        {
            if (_sessions.TryGetValue(id, out var watched))
            {
                lock (watched)
                {
                    NoteCount(-watched.RemoveWhere((link, last), static (registration, answer) =>
                        ReferenceEquals(registration.Link, answer.link) && registration.Number <= answer.last));
                    RemoveIfEmpty(id, watched);
                }
            }
        }
    }

    public void NoteLost(Exception exception)
    {
        _metrics.FrontendLost();
        LogFrontendLost(_logger, exception, Limits.GiveUpAfter);
    }

    /// <summary>The last to start and the first to stop: while the sessions leave, a silo that stops reaches no frontend any more.</summary>
    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(SessionWatchers), ServiceLifecycleStage.Last, StartAsync, StopAsync);

    public void Dispose() => _timer?.Dispose();

    /// <summary>Removes the registrations that were not renewed, and those of frontends that do not answer.</summary>
    public void Sweep()
    {
        var now = Clock.GetTimestamp();
        foreach (var (id, watched) in _sessions)
        {
            lock (watched)
            {
                NoteCount(-watched.RemoveWhere(now, static (registration, now) => registration.ExpiresAt <= now || registration.Link.IsClosed));
                RemoveIfEmpty(id, watched);
            }
        }
    }

    private WatchReply Renew(Registration registration, WatchSession request, in SessionReply session)
    {
        registration.Number = Interlocked.Increment(ref _lastNumber);
        registration.ExpiresAt = Clock.GetTimestamp() + (long)(_renewAfter.TotalSeconds * LifeInRenewals * Clock.TimestampFrequency);
        registration.WantsChanges |= request.WantChanges;
        var reply = new WatchReply { Session = session, Link = registration.Link.Id, AskAfter = _renewAfter };
        if (session.Snapshot is null)
        {
            return reply;
        }

        if (registration.Stamp == 0)
        {
            registration.Stamp = Interlocked.Increment(ref _lastStamp);
        }

        return registration.Stamp == request.Stamp
            ? reply with { Stamp = registration.Stamp, Session = session with { Snapshot = null } }
            : reply with { Stamp = registration.Stamp };
    }

    private Registration? FindOrAdd(WatchedSession watched, IFrontendObserver frontend)
    {
        while (true)
        {
            var link = _links.To(frontend);
            if (watched.Find(link) is { } present)
            {
                return present;
            }

            if (Count >= Limits.Registrations)
            {
                return null;
            }

            if (link.TryAttach())
            {
                NoteCount(1);
                return watched.Add(link);
            }
        }
    }

    private void Leave(SessionId id, SessionNoticeKind kind)
    {
        if (Count > 0 && _sessions.TryRemove(id, out var watched))
        {
            lock (watched)
            {
                watched.IsRemoved = true;
                NoteCount(-watched.End(id, kind));
            }
        }
    }

    private void RemoveIfEmpty(SessionId id, WatchedSession watched)
    {
        if (watched.IsEmpty)
        {
            watched.IsRemoved = true;
            _sessions.TryRemove(new(id, watched));
        }
    }

    private void NoteCount(int change)
    {
        if (change != 0)
        {
            Interlocked.Add(ref _count, change);
            _metrics.Registered(change);
        }
    }

    private Task StartAsync(CancellationToken cancellationToken)
    {
        using (ExecutionContext.SuppressFlow())
        {
            _swept = Clock.GetTimestamp();
            _timer = Clock.CreateTimer(static watchers => ((SessionWatchers)watchers!).Tick(), this, Limits.SignOfLife, Limits.SignOfLife);
        }

        return Task.CompletedTask;
    }

    /// <summary>Takes no registrations any more and tells the frontends, which ask until the sessions are on other silos.</summary>
    private async Task StopAsync(CancellationToken cancellationToken)
    {
        _stopped = true;
        _timer?.Dispose();
        await _links.LeaveAsync().WaitAsync(LongestStop, Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Tick()
    {
        _links.Tick();
        if (Count > 0 && Clock.GetElapsedTime(_swept) >= SweepInterval)
        {
            _swept = Clock.GetTimestamp();
            Sweep();
        }
    }
}
