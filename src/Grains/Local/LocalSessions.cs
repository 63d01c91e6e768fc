using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>The silo's published sessions. A grain adds an entry and removes it at its deactivation, so the table holds no more entries than there are activations.</summary>
internal sealed class LocalSessions(ISiloFence fence, ClusterEpoch epoch, SessionClock clock, IOptions<SessionGrainOptions> options) : ILocalSessions
{
    private readonly ConcurrentDictionary<SessionId, LocalSession> _sessions = new();
    private volatile bool _hasReaders;

    /// <summary>Whether a frontend in this process reads here. Without one, grains publish nothing.</summary>
    public bool HasReaders => _hasReaders;

    /// <summary>How many sessions have an entry.</summary>
    public int Count => _sessions.Count;

    // The storage calls are watched at intervals of a fraction of their time.
    public TimeSpan LongestCommit { get; } = options.Value.StorageTimeout * 1.25;

    public bool TryOpen(SessionId id, VerifierHash verifier, OpenMode mode, out SessionReply reply)
    {
        NoteReader();
        if (_sessions.TryGetValue(id, out var session)
            && session.TryOpen(verifier, mode, clock.Time.GetUtcNow(), clock.Monotonic.GetTimestamp(), epoch.Value, out reply)
            && fence.IsFresh)
        {
            // The fence is checked last: a process that was paused before this line discards the answer.
            return true;
        }

        reply = default;
        return false;
    }

    public bool TryCommit(SessionId id, CommitSession request, out ValueTask<SessionReply> reply)
    {
        NoteReader();
        if (_sessions.TryGetValue(id, out var session) && clock.Monotonic.GetTimestamp() < session.ValidUntil)
        {
            return session.Session.TryCommitLocally(request, out reply);
        }

        reply = default;
        return false;
    }

    /// <summary>Lets frontends of this process read a session until its entry is invalidated, or until its grain wants to be asked again.</summary>
    /// <param name="id">The session's id.</param>
    /// <param name="session">The session.</param>
    /// <param name="live">What it has acknowledged.</param>
    /// <param name="touchBefore">From this time on, a touch has to be stored.</param>
    /// <param name="localValidUntil">After a local commit: until when the entry before it was valid. By default the validity starts again.</param>
    public LocalSession Publish(SessionId id, SessionInstance session, LiveSession live, DateTimeOffset touchBefore, long? localValidUntil)
    {
        var entry = new LocalSession(session, live.State, live.LastAccess, touchBefore, localValidUntil ?? ValidUntil(live));
        _sessions[id] = entry;
        return entry;
    }

    /// <summary>Removes an entry, unless another activation has replaced it.</summary>
    public void Remove(SessionId id, LocalSession session) => _sessions.TryRemove(new(id, session));

    /// <summary>After half of the shorter time, so that the grain learns of the accesses in time to stay in memory and to store them.</summary>
    private long ValidUntil(LiveSession live)
    {
        var activeFor = options.Value.CollectionAge;
        var storedAfter = live.Terms.IdleTimeout * options.Value.TouchFraction;
        var validFor = (activeFor < storedAfter ? activeFor : storedAfter) / 2;
        return clock.Monotonic.GetTimestamp() + (long)(validFor.TotalSeconds * clock.Monotonic.TimestampFrequency);
    }

    private void NoteReader()
    {
        if (!_hasReaders)
        {
            _hasReaders = true;
        }
    }
}
