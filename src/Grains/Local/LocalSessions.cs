using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace ServerSession.Local;

/// <summary>The silo's published sessions. Grains put entries in and take them out at their deactivation, so it holds no more than the activations.</summary>
internal sealed class LocalSessions(SiloFence fence, SessionClock clock, IOptions<SessionGrainOptions> options) : ILocalSessions
{
    private readonly ConcurrentDictionary<SessionId, LocalSession> _sessions = new();
    private volatile bool _isRead;

    /// <summary>Whether a frontend in this process reads here; without one there is nothing to publish for.</summary>
    public bool IsRead => _isRead;

    /// <summary>How many sessions have an entry.</summary>
    public int Count => _sessions.Count;

    // The storage calls are watched at intervals of a fraction of their time.
    public TimeSpan LongestCommit { get; } = options.Value.StorageTimeout * 1.25;

    public long TimestampAfter(TimeSpan span) =>
        clock.Steady.GetTimestamp() + (long)(span.TotalSeconds * clock.Steady.TimestampFrequency);

    public bool TryOpen(SessionId id, VerifierHash verifier, OpenMode mode, out SessionReply reply)
    {
        NoteFrontend();
        if (_sessions.TryGetValue(id, out var session)
            && session.TryOpen(verifier, mode, clock.Time.GetUtcNow(), clock.Steady.GetTimestamp(), out reply)
            && fence.IsFresh)
        {
            // The fence is looked at last: a process that was paused before this line takes the answer back.
            return true;
        }

        reply = default;
        return false;
    }

    public bool TryCommit(SessionId id, CommitSession request, out ValueTask<SessionReply> reply)
    {
        NoteFrontend();
        if (_sessions.TryGetValue(id, out var session) && clock.Steady.GetTimestamp() < session.ValidUntil)
        {
            return session.Owner.TryCommitBeside(request, out reply);
        }

        reply = default;
        return false;
    }

    public void Publish(SessionId id, LocalSession session) => _sessions[id] = session;

    /// <summary>Takes an entry out, unless another activation has put its own in its place.</summary>
    public void Remove(SessionId id, LocalSession session) => _sessions.TryRemove(new(id, session));

    private void NoteFrontend()
    {
        if (!_isRead)
        {
            _isRead = true;
        }
    }
}
