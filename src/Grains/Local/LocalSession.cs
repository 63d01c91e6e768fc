using ServerSession.Core;

namespace ServerSession.Local;

/// <summary>
/// One published state of a session. Its single cell holds the last access, or that the entry is dead: who reads moves the cell by
/// compare-and-swap, so a read either comes before the grain's next operation, which kills the entry first, or does not happen here.
/// </summary>
/// <param name="owner">The grain, in whose turn commits are made here.</param>
/// <param name="state">What the grain has acknowledged.</param>
/// <param name="lastAccess">The last access as the grain knows it.</param>
/// <param name="touchBefore">From this time on a touch has to be stored, which only the grain can do.</param>
/// <param name="validUntil">
/// The time stamp of the steady clock after which the grain wants to hear of the accesses, before its activation looks idle.
/// </param>
internal sealed class LocalSession(SessionGrain owner, SessionState state, DateTimeOffset lastAccess, DateTimeOffset touchBefore, long validUntil)
{
    private const long Dead = long.MinValue;

    private long _lastAccess = lastAccess.UtcTicks;

    /// <summary>The grain that published the state.</summary>
    public SessionGrain Owner => owner;

    /// <inheritdoc cref="LocalSession" path="/param[@name='validUntil']"/>
    public long ValidUntil => validUntil;

    public bool TryOpen(VerifierHash verifier, OpenMode mode, DateTimeOffset now, long timestamp, out SessionReply reply)
    {
        var access = Volatile.Read(ref _lastAccess);
        while (access != Dead && timestamp < validUntil && now < touchBefore && now < state.Deadline(At(access)))
        {
            var touched = mode == OpenMode.Peek ? access : Math.Max(access, now.UtcTicks);
            reply = SessionRules.Open(state, verifier, At(touched));
            if (reply.Outcome != SessionOutcome.Opened)
            {
                return false;
            }

            var seen = Interlocked.CompareExchange(ref _lastAccess, touched, access);
            if (seen == access)
            {
                return true;
            }

            access = seen;
        }

        reply = default;
        return false;
    }

    /// <summary>Ends the entry; no read succeeds after it. Returns the last access it has seen, or null where it was dead before.</summary>
    public DateTimeOffset? Kill()
    {
        var access = Interlocked.Exchange(ref _lastAccess, Dead);
        return access == Dead ? null : At(access);
    }

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);
}
