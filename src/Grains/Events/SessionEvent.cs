namespace ServerSession.Grains;

/// <summary>What happened to a session.</summary>
internal enum SessionEventKind
{
    /// <summary>It was created.</summary>
    Created,

    /// <summary>It ended.</summary>
    Ended,

    /// <summary>A replaced token was used after the grace.</summary>
    StaleToken,

    /// <summary>It was bound to a user.</summary>
    Bound,

    /// <summary>It lives on without its user.</summary>
    Unbound,

    /// <summary>Its token was replaced.</summary>
    Rotated,

    /// <summary>It was to be bound to a user who has as many sessions as allowed.</summary>
    SubjectLimit,
}

/// <summary>An event of a session, for its handlers.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Id">The session.</param>
/// <param name="Reason">Why it ended, where it did.</param>
/// <param name="Subject">Its user, where it was bound, unbound or refused.</param>
/// <param name="Policy">What happens where its user has as many sessions as allowed.</param>
internal readonly record struct SessionEvent(SessionEventKind Kind, SessionId Id, SessionEndReason Reason, SubjectKey Subject = default, SubjectLimitPolicy Policy = default);
