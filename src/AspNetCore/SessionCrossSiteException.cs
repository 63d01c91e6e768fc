namespace ServerSession;

/// <summary>
/// A request from another site, which brought no session, wanted to start one, and <see cref="ServerSessionOptions.CrossSiteStart"/> refuses
/// that. Unhandled, the answer is 403.
/// </summary>
public sealed class SessionCrossSiteException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SessionCrossSiteException()
        : base("This request comes from another site and brought no session, and such a request may not start one: its cookie would replace the session that the "
            + "browser may have held back. Answer it with 303 and do the work in the request that follows, or send it from a page of this site.")
    {
    }
}
