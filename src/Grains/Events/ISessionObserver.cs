namespace ServerSession.Grains;

/// <summary>
/// Hears, inside the silo, what becomes of its sessions: the one seam for metrics, the application's handlers, watchers, lists of sessions and
/// indexes. Register any number as singletons of this interface; the silo composes them once (<see cref="SessionObservers"/>).
/// </summary>
/// <remarks>
/// Every member but <see cref="SubjectLimitReached"/> is called while the session's lock is held (or before the activation answers and after it left), after
/// the change was stored as its durability asks and before it is answered. So the calls of one session come in the order of its versions, never two at a time,
/// on any thread. An implementation returns at once, waits for
/// nothing, calls no grain before it returned, and hands its work on. One that throws is logged and breaks nothing.
/// <para>
/// In one activation <see cref="Activated"/> comes once, before every other member but <see cref="Created"/>, and is followed by either
/// <see cref="Ended"/> or <see cref="Deactivated"/>. A process that dies tells nothing: what must be exact rests on storage, not on this.
/// </para>
/// </remarks>
internal interface ISessionObserver
{
    /// <summary>The session was created. <see cref="Activated"/> follows.</summary>
    void Created(in ObservedSession session)
    {
    }

    /// <summary>The live session came into the silo's memory: created, read from its row, or moved here from another silo.</summary>
    void Activated(in ObservedSession session)
    {
    }

    /// <summary>
    /// A commit changed data, terms or token; the session has a new version. Also called, possibly with the version known before, after a write
    /// in doubt was resolved: a commit whose caller heard "unavailable" may have happened.
    /// </summary>
    void Changed(in ObservedSession session)
    {
    }

    /// <summary>A commit replaced the token. <see cref="Changed"/> follows for the same version.</summary>
    void Rotated(in ObservedSession session)
    {
    }

    /// <summary>The session was bound to a user. <see cref="Changed"/> came before, unless it was created so.</summary>
    void Bound(SessionId id, SubjectKey subject)
    {
    }

    /// <summary>The session lives on and is not bound to a user any more.</summary>
    void Unbound(SessionId id, SubjectKey subject)
    {
    }

    /// <summary>A user has as many sessions as allowed, and this one was to be bound. Told by the list of the user, without the session's lock.</summary>
    void SubjectLimitReached(SessionId id, SubjectKey subject, SubjectLimitPolicy policy)
    {
    }

    /// <summary>A token was used that a rotation had replaced.</summary>
    /// <param name="id">The session.</param>
    /// <param name="graceIsOver">Whether it was replaced longer ago than the rotation grace, which is a sign of theft.</param>
    void StaleToken(SessionId id, bool graceIsOver)
    {
    }

    /// <summary>The session ended for good.</summary>
    void Ended(SessionId id, SessionEndReason reason)
    {
    }

    /// <summary>The session left the silo's memory; it may live on in its row or on another silo.</summary>
    void Deactivated(SessionId id)
    {
    }
}
