using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using ServerSession.Core;

namespace ServerSession;

/// <summary>
/// Sessions in this process only: for tests, and for a single process whose sessions may end with it. The same rules as the cluster's, under
/// one lock per session. Chosen with <c>UseInMemoryStore()</c>.
/// </summary>
internal sealed class InMemorySessionStore(IOptions<ServerSessionOptions> options, TimeProvider time) : ISessionStore, IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RotationGrace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<SessionId, Entry> _sessions = new();
    private readonly SessionLimits _limits = options.Value.Limits;
    private readonly Lock _timerLock = new();
    private ITimer? _timer;

    internal int Count => _sessions.Count;

    public ValueTask<bool> ExistsAsync(SessionId id, VerifierHash verifier, CancellationToken cancellationToken) =>
        new(Open(id, verifier, OpenMode.Peek).Outcome == SessionOutcome.Opened);

    public ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken) =>
        new(Open(id, verifier, mode));

    public ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (reply, state, _) = SessionRules.Create(request, now, _limits, Window);
        if (state is not null && !_sessions.TryAdd(id, new Entry { State = state, LastAccess = now }))
        {
            return new(SessionReply.Of(SessionOutcome.Gone));
        }

        StartSweeping();
        return new(reply);
    }

    public ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken)
    {
        if (!_sessions.TryGetValue(id, out var entry))
        {
            return new(SessionReply.Of(SessionOutcome.Gone));
        }

        lock (entry)
        {
            var now = time.GetUtcNow();
            if (EndIfDue(id, entry, now) is not { } state)
            {
                return new(SessionReply.Of(SessionOutcome.Gone));
            }

            // Only who holds the current token moves the deadline.
            var access = request.Touch && state.Verifier == request.Verifier && now > entry.LastAccess ? now : entry.LastAccess;
            var (reply, next, _) = SessionRules.Commit(state, request, access, now, _limits, Window);
            entry.LastAccess = reply.Outcome == SessionOutcome.Late ? entry.LastAccess : access;
            entry.State = next ?? state;
            return new(Judge(state, reply, now));
        }
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
            if (EndIfDue(id, entry, now) is not { } state)
            {
                return new(SessionReply.Of(SessionOutcome.Gone));
            }

            if (request.Verifier is { } verifier && state.Verifier != verifier)
            {
                return new(Judge(state, SessionReply.Of(SessionOutcome.Stale), now));
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
            if (EndIfDue(id, entry, now) is not { } state)
            {
                return SessionReply.Of(SessionOutcome.Gone);
            }

            if (state.Verifier == verifier && mode == OpenMode.Touch && now > entry.LastAccess)
            {
                entry.LastAccess = now;
            }

            return Judge(state, SessionRules.Open(state, verifier, entry.LastAccess), now);
        }
    }

    /// <summary>Adds to the answer to a replaced token whether it was replaced long ago.</summary>
    private static SessionReply Judge(SessionState state, in SessionReply reply, DateTimeOffset now) =>
        reply.Outcome == SessionOutcome.Stale ? reply with { GraceIsOver = now - state.RotatedAt > RotationGrace } : reply;

    private SessionState? EndIfDue(SessionId id, Entry entry, DateTimeOffset now)
    {
        if (entry.State is { } state && state.Deadline(entry.LastAccess) <= now)
        {
            End(id, entry);
        }

        return entry.State;
    }

    private void End(SessionId id, Entry entry)
    {
        entry.State = null;
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
                removed += entry.State is not null && EndIfDue(id, entry, now) is null ? 1 : 0;
            }
        }

        return new SessionSweepResult(looked, removed);
    }

    /// <summary>A session; its state is null once it has ended, for whoever found the entry before it was removed.</summary>
    private sealed class Entry
    {
        public required SessionState? State { get; set; }

        public required DateTimeOffset LastAccess { get; set; }
    }
}
