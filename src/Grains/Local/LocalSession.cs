using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>
/// One published state of a session. A single 64-bit cell holds the last access, or that the entry is invalidated. A reader moves the cell by
/// compare-and-swap, and each operation of the grain invalidates the entry first: so a read completes before the operation, or fails and goes to the grain.
/// </summary>
/// <param name="session">The session, under whose lock commits are made here.</param>
/// <param name="state">What the grain has acknowledged.</param>
/// <param name="lastAccess">The last access as the grain knows it.</param>
/// <param name="touchBefore">From this time on, a touch has to be stored, which only the grain can do.</param>
/// <param name="validUntil">
/// The time stamp of the monotonic clock after which reads go to the grain, so that it learns of the accesses before its activation looks idle.
/// </param>
internal sealed class LocalSession(SessionInstance session, SessionState state, DateTimeOffset lastAccess, DateTimeOffset touchBefore, long validUntil)
{
    private const long Invalidated = long.MinValue;

    private readonly long _touchBefore = touchBefore.UtcTicks;
    private long _lastAccess = lastAccess.UtcTicks;

    /// <summary>The session that published the state.</summary>
    public SessionInstance Session => session;

    /// <inheritdoc cref="LocalSession" path="/param[@name='validUntil']"/>
    public long ValidUntil => validUntil;

    public bool TryOpen(VerifierHash verifier, OpenMode mode, DateTimeOffset now, long timestamp, long epoch, out SessionReply reply)
    {
        var touches = mode.Touches();
        var access = Volatile.Read(ref _lastAccess);
        while (access != Invalidated && timestamp < validUntil && now.UtcTicks < _touchBefore && now < state.Deadline(At(access)) && state.Epoch >= epoch)
        {
            var touched = touches ? Math.Max(access, now.UtcTicks) : access;
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

    /// <summary>Invalidates the entry: no read succeeds after it. Returns its last access, or null if it was invalidated before.</summary>
    public DateTimeOffset? Invalidate()
    {
        var access = Interlocked.Exchange(ref _lastAccess, Invalidated);
        return access == Invalidated ? null : At(access);
    }

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);
}
