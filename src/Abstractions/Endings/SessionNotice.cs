namespace ServerSession;

/// <summary>What became of a session that a frontend watches.</summary>
[GenerateSerializer, Alias("ServerSession.SessionNoticeKind")]
public enum SessionNoticeKind : byte
{
    /// <summary>A commit changed the session's data, terms or token.</summary>
    Changed = 0,

    /// <summary>The session left the silo that watched it for the frontend. The frontend asks again, wherever the session is now.</summary>
    Moved = 1,

    /// <summary>The session ended for good.</summary>
    Ended = 2,
}

/// <summary>One notice to a frontend.</summary>
/// <param name="Id">The session.</param>
/// <param name="Kind">What became of it.</param>
[GenerateSerializer, Immutable, Alias("ServerSession.SessionNotice")]
public readonly record struct SessionNotice([property: Id(0)] SessionId Id, [property: Id(1)] SessionNoticeKind Kind);
