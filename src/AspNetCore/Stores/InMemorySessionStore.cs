using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using ServerSession.Core;

namespace ServerSession;

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

    public ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken) =>
        new(Open(id, verifier, mode));

    public ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (reply, state, _) = SessionRules.Create(request, now, _limits, Window);
        if (state is not null && !_sessions.TryAdd(id, new Entry(new LiveSession(state, now))))
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
            if (FindLive(id, entry, now) is not { } live)
            {
                return new(SessionReply.Of(SessionOutcome.Gone));
            }

            var access = request.Touch ? live.AccessAt(now) : live.LastAccess;
            var (reply, next, _) = SessionRules.Commit(live.State, request, access, now, _limits, Window);
            if (reply.Outcome == SessionOutcome.Stale)
            {
                return new(live.Stale(now, RotationGrace));
            }

            if (reply.Outcome != SessionOutcome.Late)
            {
                live.Apply(next ?? live.State);
                live.Touch(access);
            }

            return new(reply);
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

    private void End(SessionId id, Entry entry)
    {
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
