using Microsoft.Extensions.Logging;

namespace ServerSession.Grains;

/// <summary>
/// All observers of a silo, in the order of their registration. An observer that throws is logged, and the others hear of the event as well. A
/// call allocates nothing.
/// </summary>
internal sealed partial class SessionObservers(IEnumerable<ISessionObserver> observers, ILogger<SessionObservers> logger)
{
    private readonly ISessionObserver[] _observers = [.. observers];

    public void Created(in ObservedSession session) =>
        Tell(session.Id, session, static (observer, session) => observer.Created(in session));

    public void Activated(in ObservedSession session) =>
        Tell(session.Id, session, static (observer, session) => observer.Activated(in session));

    public void Changed(in ObservedSession session) =>
        Tell(session.Id, session, static (observer, session) => observer.Changed(in session));

    public void Rotated(in ObservedSession session) =>
        Tell(session.Id, session, static (observer, session) => observer.Rotated(in session));

    public void Bound(SessionId id, SubjectKey subject) =>
        Tell(id, (id, subject), static (observer, bound) => observer.Bound(bound.id, bound.subject));

    public void Unbound(SessionId id, SubjectKey subject) =>
        Tell(id, (id, subject), static (observer, unbound) => observer.Unbound(unbound.id, unbound.subject));

    public void SubjectLimitReached(SessionId id, SubjectKey subject, SubjectLimitPolicy policy) =>
        Tell(id, (id, subject, policy), static (observer, limit) => observer.SubjectLimitReached(limit.id, limit.subject, limit.policy));

    public void StaleToken(SessionId id, bool graceIsOver) =>
        Tell(id, (id, graceIsOver), static (observer, token) => observer.StaleToken(token.id, token.graceIsOver));

    public void Ended(SessionId id, SessionEndReason reason) =>
        Tell(id, (id, reason), static (observer, end) => observer.Ended(end.id, end.reason));

    public void Deactivated(SessionId id) =>
        Tell(id, id, static (observer, id) => observer.Deactivated(id));

    private void Tell<T>(SessionId id, T what, Action<ISessionObserver, T> tell)
    {
        foreach (var observer in _observers)
        {
            try
            {
                tell(observer, what);
            }
            catch (Exception exception)
            {
                LogObserverFailed(logger, exception, observer.GetType(), id);
            }
        }
    }
}
