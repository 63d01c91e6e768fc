namespace ServerSession;

/// <summary>What became of an operation on a session. Outcomes are values; an exception means that the system failed.</summary>
[GenerateSerializer, Alias("ServerSession.SessionOutcome")]
public enum SessionOutcome
{
    /// <summary>No outcome: the value of <c>default</c>, never returned.</summary>
    None = 0,

    /// <summary>The session was created.</summary>
    Created = 1,

    /// <summary>The session was opened.</summary>
    Opened = 2,

    /// <summary>The changes are committed, as far as the session's durability promises.</summary>
    Committed = 3,

    /// <summary>The session was destroyed by this operation.</summary>
    Destroyed = 4,

    /// <summary>There is no such session: it never was, expired, or was destroyed. It will not come back.</summary>
    Gone = 5,

    /// <summary>The session lives, but this token was replaced by a rotation.</summary>
    Stale = 6,

    /// <summary>A limit would be exceeded; nothing of the commit was applied. The reply names the limit.</summary>
    TooLarge = 7,

    /// <summary>An atomic operation met a value it cannot work on; nothing of the commit was applied. The reply names the change.</summary>
    Mismatch = 8,

    /// <summary>
    /// The operation's issue time lies outside the operation window, or its caller has given up (<see cref="CommitSession.NotAfter"/>): it was
    /// refused and not applied by this message. Whether an earlier message with the same operation id was applied is unknown.
    /// </summary>
    Late = 9,
}
