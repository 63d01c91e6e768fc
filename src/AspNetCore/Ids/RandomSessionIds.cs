namespace ServerSession.AspNetCore;

/// <summary>Ids for stores that have no clean-up index.</summary>
internal sealed class RandomSessionIds : ISessionIdSource
{
    public SessionIdLease TakeAtOnce() => SessionIdLease.Unregistered();

    public ValueTask<SessionIdLease> TakeAsync() => new(SessionIdLease.Unregistered());
}
