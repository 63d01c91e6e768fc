namespace ServerSession;

/// <summary>
/// What becomes of a write without a session in a request that another site made the browser send. With SameSite=Lax or Strict such a
/// request arrives without the cookie even where the user has one, and the cookie of a new session would replace it.
/// </summary>
public enum CrossSiteStartPolicy
{
    /// <summary>A session is started, as sign-in answers need it that an identity provider makes the browser post; one warning per process reports it.</summary>
    Allow = 0,

    /// <summary>No session is started: the write throws <see cref="SessionCrossSiteException"/>, and, left unhandled, the answer is 403.</summary>
    Refuse = 1,
}
