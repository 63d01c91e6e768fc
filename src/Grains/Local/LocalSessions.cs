using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace ServerSession.Local;

/// <summary>The silo's published sessions. A grain adds an entry and removes it at its deactivation, so the table holds no more entries than there are activations.</summary>
internal sealed class LocalSessions(SiloFence fence, SessionClock clock, IOptions<SessionGrainOptions> options) : ILocalSessions
{
    private readonly ConcurrentDictionary<SessionId, LocalSession> _sessions = new();
    private volatile bool _hasReaders;

    /// <summary>Whether a frontend in this process reads here. Without one, grains publish nothing.</summary>
    public bool HasReaders => _hasReaders;

    /// <summary>How many sessions have an entry.</summary>
    public int Count => _sessions.Count;

    // The storage calls are watched at intervals of a fraction of their time.
    public TimeSpan LongestCommit { get; } = options.Value.StorageTimeout * 1.25;

    public long TimestampAfter(TimeSpan span) =>
        clock.Steady.GetTimestamp() + (long)(span.TotalSeconds * clock.Steady.TimestampFrequency);

    public bool TryOpen(SessionId id, VerifierHash verifier, OpenMode mode, out SessionReply reply)
    {
        NoteReader();
        if (_sessions.TryGetValue(id, out var session)
            && session.TryOpen(verifier, mode, clock.Time.GetUtcNow(), clock.Steady.GetTimestamp(), out reply)
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
        if (_sessions.TryGetValue(id, out var session) && clock.Steady.GetTimestamp() < session.ValidUntil)
        {
            return session.Grain.TryCommitLocally(request, out reply);
        }

        reply = default;
        return false;
    }

    public void Publish(SessionId id, LocalSession session) => _sessions[id] = session;

    /// <summary>Removes an entry, unless another activation has replaced it.</summary>
    public void Remove(SessionId id, LocalSession session) => _sessions.TryRemove(new(id, session));

    private void NoteReader()
    {
        if (!_hasReaders)
        {
            _hasReaders = true;
        }
    }
}
