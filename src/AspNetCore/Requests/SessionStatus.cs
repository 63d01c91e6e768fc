namespace ServerSession.AspNetCore;

/// <summary>What a request knows of its session.</summary>
internal enum SessionStatus : byte
{
    /// <summary>The token was not looked at yet.</summary>
    Unknown = 0,

    /// <summary>There is no session: no token, or its session is gone, or it was rotated away.</summary>
    None,

    /// <summary>The token's signature is right; the session grain was not asked.</summary>
    TokenVerified,

    /// <summary>The session grain confirmed the session in this request.</summary>
    Live,

    /// <summary>
    /// The session ended, or its token was replaced, while the request was working with it; or the token was replaced just before. Reads find
    /// no session, and changes are refused: a new session would replace what a parallel request has just done.
    /// </summary>
    Ended,
}
