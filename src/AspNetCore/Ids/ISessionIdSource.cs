namespace ServerSession.AspNetCore;

/// <summary>Where the ids of new sessions come from.</summary>
internal interface ISessionIdSource
{
    /// <summary>A fresh id without waiting; one that is not registered where none is at hand.</summary>
    SessionIdLease TakeAtOnce();

    /// <summary>A fresh id.</summary>
    /// <exception cref="SessionUnavailableException">The cluster gives none now.</exception>
    ValueTask<SessionIdLease> TakeAsync();
}
