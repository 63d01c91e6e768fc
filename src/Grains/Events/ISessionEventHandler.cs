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
}

/// <summary>
/// Hears of the sessions of a silo. Add any number with <c>silo.AddServerSession().AddSessionEventHandler&lt;T&gt;()</c>.
/// </summary>
/// <remarks>
/// Handlers run after the change was stored and answered, one event after the other, outside the session's lock: a slow handler delays other
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
}
