namespace ServerSession;

/// <summary>What happened to a session.</summary>
internal enum SessionEventKind
{
    /// <summary>It was created.</summary>
    Created,

    /// <summary>It ended.</summary>
    Ended,

    /// <summary>A replaced token was used after the grace.</summary>
    StaleToken,
}

/// <summary>An event of a session, for its handlers.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Id">The session.</param>
/// <param name="Reason">Why it ended, where it did.</param>
internal readonly record struct SessionEvent(SessionEventKind Kind, SessionId Id, SessionEndReason Reason);
