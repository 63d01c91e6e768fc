namespace ServerSession;

/// <summary>Why a session ended.</summary>
public enum SessionEndReason
{
    /// <summary>A request of its user destroyed it.</summary>
    Destroyed = 0,

    /// <summary>An administrator destroyed it by its id.</summary>
    Administrator = 1,

    /// <summary>Its deadline passed.</summary>
    Expired = 2,

    /// <summary>It was ended from the list of its user's sessions, by the user or by an administrator.</summary>
    Subject = 3,

    /// <summary>A newer session of its user took its place, because the user may have no more.</summary>
    SubjectLimit = 4,

    /// <summary>An administrator ended all sessions of the cluster.</summary>
    Cluster = 5,
}

/// <summary>
/// Hears of the sessions of a silo. Add any number with <c>silo.AddServerSession().AddSessionEventHandler&lt;T&gt;()</c>.
/// </summary>
/// <remarks>
/// Handlers run after the change was stored as its durability asks, often before its caller has the answer, one event after the other, outside the session's
/// lock: a slow handler delays other
/// handlers, never a session; one that throws is logged. An event is lost with its silo's crash, so handlers inform, they do not account.
/// </remarks>
public interface ISessionEventHandler
{
    /// <summary>A session was created.</summary>
    ValueTask OnCreatedAsync(SessionId id, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>A session ended.</summary>
    ValueTask OnEndedAsync(SessionId id, SessionEndReason reason, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>A token was used that a rotation had replaced, after the grace period: a sign that the token was stolen.</summary>
    ValueTask OnStaleTokenAsync(SessionId id, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>A session was bound to a user: a sign-in.</summary>
    ValueTask OnBoundAsync(SessionId id, SubjectKey subject, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>A session lives on without its user: a sign-out that keeps the session.</summary>
    ValueTask OnUnboundAsync(SessionId id, SubjectKey subject, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>The token of a session was replaced.</summary>
    ValueTask OnRotatedAsync(SessionId id, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>A user has as many sessions as allowed, and another one was to be bound.</summary>
    /// <param name="id">The session that was to be bound.</param>
    /// <param name="subject">The user.</param>
    /// <param name="policy">What happens: the session is refused, or the user's oldest ones end.</param>
    /// <param name="cancellationToken">Never cancelled.</param>
    ValueTask OnSubjectLimitAsync(SessionId id, SubjectKey subject, SubjectLimitPolicy policy, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
