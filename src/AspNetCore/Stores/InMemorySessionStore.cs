using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using ServerSession.Core;

namespace ServerSession.AspNetCore;

/// <summary>
/// Sessions in this process only: for tests, and for a single process whose sessions may end with it. The same rules as the cluster's, under
/// one lock per session. Chosen with <c>UseInMemoryStore()</c>.
/// </summary>
internal sealed class InMemorySessionStore(IOptions<ServerSessionOptions> options, TimeProvider time) : IServerSessionStore, IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RotationGrace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<SessionId, Entry> _sessions = new();
    private readonly SessionLimits _limits = options.Value.Limits;
    private readonly Lock _timerLock = new();
    private ITimer? _timer;

    internal int Count => _sessions.Count;

    /// <summary>Which sessions users have.</summary>
    internal InMemorySubjects Subjects { get; } = new();

    public ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken) =>
        new(Open(id, verifier, mode));

    public ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken)
    {
        if (request.Subject is not { Subject.IsDefault: false })
        {
            return new(Create(id, request));
        }

        lock (Subjects.BindLock)
        {
            return new(Create(id, request));
        }
    }

    public ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken)
    {
        if (request.Subject is not { Subject.IsDefault: false })
        {
            return new(Commit(id, request));
        }

        lock (Subjects.BindLock)
        {
            return new(Commit(id, request));
        }
    }

    private SessionReply Create(SessionId id, CreateSession request)
    {
        var now = time.GetUtcNow();
        var decision = SessionRules.Create(request, now, _limits, Window);
        if (decision.Next is not { } state)
        {
            return decision.Reply;
        }

        var entry = new Entry(new LiveSession(state, now));
        lock (entry)
        {
            if (!_sessions.TryAdd(id, entry))
            {
                return SessionReply.Of(SessionOutcome.Gone);
            }

            if (request.Subject is { Subject.IsDefault: false } change)
            {
                if (!MakeRoom(change, id))
                {
                    End(id, entry);
                    return new SessionReply { Outcome = SessionOutcome.TooLarge, Refusal = SessionRules.SubjectIsFull(change) };
                }

                decision = SessionRules.Bind(in decision, Subjects.Add(change.Subject, id, change.Label, now));
                entry.Live!.Apply(decision.Next!);
            }
        }

        StartSweeping();
        return decision.Reply;
    }

    /// <summary>Ends a session that is bound to the subject.</summary>
    internal bool EndBound(SubjectKey subject, SessionId session)
    {
        if (!_sessions.TryGetValue(session, out var entry))
        {
            return false;
        }

        lock (entry)
        {
            if (FindLive(session, entry, time.GetUtcNow())?.State.Binding?.Subject != subject)
            {
                return false;
            }

            End(session, entry);
            return true;
        }
    }

    /// <summary>A session, if it lives.</summary>
    internal LiveSession? Look(SessionId session)
    {
        if (!_sessions.TryGetValue(session, out var entry))
        {
            return null;
        }

        lock (entry)
        {
            return FindLive(session, entry, time.GetUtcNow());
        }
    }

    private SessionReply Commit(SessionId id, CommitSession request)
    {
        if (!_sessions.TryGetValue(id, out var entry))
        {
            return SessionReply.Of(SessionOutcome.Gone);
        }

        lock (entry)
        {
            var now = time.GetUtcNow();
            if (FindLive(id, entry, now) is not { } live)
            {
                return SessionReply.Of(SessionOutcome.Gone);
            }

            var access = request.Touch ? live.AccessAt(now) : live.LastAccess;
            var decision = SessionRules.Commit(live.State, request, access, now, _limits, Window);
            if (decision.Reply.Outcome == SessionOutcome.Stale)
            {
                return live.Stale(now, RotationGrace);
            }

            if (request.Subject is { } change && decision is { Reply.Outcome: SessionOutcome.Committed, Next: not null })
            {
                decision = MakeRoom(change, id) ? Bind(id, in decision, change, now) : SessionRules.RefuseSubject(live.State, request, access, now, Window);
            }

            if (decision.Reply.Outcome != SessionOutcome.Late)
            {
                live.Apply(decision.Next ?? live.State);
                live.Touch(access);
            }

            return decision.Reply;
        }
    }

    /// <summary>
    /// Makes room for a session that is bound whatever comes; false where there is none. Only whoever has the bind lock ends other sessions while it
    /// holds the lock of its own, so none waits for another in a circle.
    /// </summary>
    private bool MakeRoom(SubjectChange change, SessionId id) => change.Subject.IsDefault || new InMemorySubjectStore(this).MakeRoom(change, id);

    private SessionDecision Bind(SessionId id, in SessionDecision decision, SubjectChange change, DateTimeOffset now)
    {
        Subjects.Remove(decision.Next!.Binding);
        return SessionRules.Bind(in decision, change.Subject.IsDefault ? null : Subjects.Add(change.Subject, id, change.Label, now));
    }

    public ValueTask<SessionReply> DestroyAsync(SessionId id, DestroySession request, CancellationToken cancellationToken)
    {
        if (!_sessions.TryGetValue(id, out var entry))
        {
            return new(SessionReply.Of(SessionOutcome.Gone));
        }

        lock (entry)
        {
            var now = time.GetUtcNow();
            if (FindLive(id, entry, now) is not { } live)
            {
                return new(SessionReply.Of(SessionOutcome.Gone));
            }

            if (request.Verifier is { } verifier && live.State.Verifier != verifier)
            {
                return new(live.Stale(now, RotationGrace));
            }

            if (SessionRules.HasGivenUp(request.NotAfter, time.GetUtcNow()))
            {
                return new(SessionReply.Of(SessionOutcome.Late));
            }

            End(id, entry);
            return new(SessionReply.Of(SessionOutcome.Destroyed));
        }
    }

    public void Dispose()
    {
        lock (_timerLock)
        {
            _timer?.Dispose();
        }
    }

    private SessionReply Open(SessionId id, VerifierHash verifier, OpenMode mode)
    {
        if (!_sessions.TryGetValue(id, out var entry))
        {
            return SessionReply.Of(SessionOutcome.Gone);
        }

        lock (entry)
        {
            var now = time.GetUtcNow();
            if (FindLive(id, entry, now) is not { } live)
            {
                return SessionReply.Of(SessionOutcome.Gone);
            }

            if (live.State.Verifier != verifier)
            {
                return live.Stale(now, RotationGrace);
            }

            if (mode.Touches())
            {
                live.Touch(now);
            }

            return live.Open(verifier);
        }
    }

    /// <summary>The session, if it lives; it is ended where it is due.</summary>
    private LiveSession? FindLive(SessionId id, Entry entry, DateTimeOffset now)
    {
        if (entry.Live is { } live && live.IsDue(now))
        {
            End(id, entry);
        }

        return entry.Live;
    }

    /// <summary>Ends all sessions.</summary>
    internal void EndAll()
    {
        foreach (var (id, entry) in _sessions)
        {
            lock (entry)
            {
                End(id, entry);
            }
        }
    }

    private void End(SessionId id, Entry entry)
    {
        Subjects.Remove(entry.Live?.State.Binding);
        entry.Live = null;
        _sessions.TryRemove(id, out _);
    }

    /// <summary>From the first session on; a store that is registered but never used costs no timer.</summary>
    private void StartSweeping()
    {
        if (_timer is null)
        {
            lock (_timerLock)
            {
                _timer ??= time.CreateTimer(static store => ((InMemorySessionStore)store!).Sweep(), this, SweepInterval, SweepInterval);
            }
        }
    }

    /// <summary>Removes the sessions that are due.</summary>
    internal SessionSweepResult Sweep()
    {
        var now = time.GetUtcNow();
        long looked = 0, removed = 0;
        foreach (var (id, entry) in _sessions)
        {
            lock (entry)
            {
                looked++;
                removed += entry.Live is not null && FindLive(id, entry, now) is null ? 1 : 0;
            }
        }

        return new SessionSweepResult(looked, removed);
    }

    /// <summary>A session; null once it has ended, for whoever found the entry before it was removed.</summary>
    private sealed class Entry(LiveSession live)
    {
        public LiveSession? Live { get; set; } = live;
    }
}
