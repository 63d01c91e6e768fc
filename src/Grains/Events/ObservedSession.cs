using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>A live session as an observer sees it: what was committed last. It holds no token and costs nothing to make.</summary>
internal readonly struct ObservedSession(SessionId id, SessionState state, DateTimeOffset lastAccess)
{
    public SessionId Id => id;

    /// <summary>The committed session: version, creation, terms and data.</summary>
    public SessionSnapshot Snapshot => state.Snapshot;

    /// <summary>When the session expires unless it is accessed before (UTC, the silo's clock).</summary>
    public DateTimeOffset ExpiresAt => state.Deadline(lastAccess);
}
