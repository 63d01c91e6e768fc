namespace ServerSession;

/// <summary>
/// The users of the application and their sessions: for a page of active sessions, for "sign out everywhere", and for administrators. Inject it; guard its
/// callers.
/// </summary>
/// <remarks>
/// A session is on the list of a user from <see cref="IServerSession.BindToAsync"/> until it ends or is unbound. The list never misses a live one. Users are named by
/// the application's own id, compared ordinally, from 1 to 1,024 characters; only a keyed hash of it is stored and logged.
/// <para>
/// Every method may throw <see cref="SessionUnavailableException"/> (repeat it), <see cref="ArgumentException"/> for a user id that cannot be used, and
/// <see cref="NotSupportedException"/> where the sessions are in a store of your own.
/// </para>
/// </remarks>
public interface IServerSessionSubjects
{
    /// <summary>
    /// Lists the sessions of a user, newest sign-in first. Every session on the page is asked whether it lives, so that one that is gone is not shown,
    /// unless its silo cannot be reached: then it is shown until its last known expiry.
    /// </summary>
    /// <param name="subject">The user's id.</param>
    /// <param name="current">The session to be marked as <see cref="SubjectSession.IsCurrent"/>, usually <see cref="IServerSession.Id"/>.</param>
    /// <param name="before">Null for the first page; then the page's <see cref="SubjectSessionPage.Next"/>.</param>
    /// <param name="count">How many sessions; from 1 to 200, 50 by default.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<SubjectSessionPage> ListAsync(string subject, SessionId? current = null, long? before = null, int count = 50, CancellationToken cancellationToken = default);

    /// <summary>
    /// Ends one session of a user: false where it had ended before, by an earlier attempt of this call as well, or is not a session of this user. When it returns, no request sees the session any more.
    /// </summary>
    ValueTask<bool> EndAsync(string subject, SessionId session, CancellationToken cancellationToken = default);

    /// <summary>Ends all sessions of a user but one ("sign out on my other devices"); returns how many ended.</summary>
    /// <inheritdoc cref="EndAllAsync" path="/remarks"/>
    ValueTask<int> EndOthersAsync(string subject, SessionId keep, CancellationToken cancellationToken = default);

    /// <summary>Ends all sessions of a user; returns how many ended.</summary>
    /// <remarks>
    /// When it returns, no request that comes afterwards sees one of them, on any frontend, and no change in flight is accepted. Sessions that are bound while it runs
    /// may live on. Where it throws <see cref="SessionUnavailableException"/>, the end may be decided: sessions that are not in memory have ended then; call it again for
    /// the certainty.
    /// </remarks>
    ValueTask<int> EndAllAsync(string subject, CancellationToken cancellationToken = default);

    /// <summary>
    /// What to put into <see cref="CreateSession.Subject"/> or <see cref="CommitSession.Subject"/>, for code that works with <see cref="IServerSessionStore"/> itself; in a
    /// request use <see cref="IServerSession.BindToAsync"/>. It carries the limit of <see cref="ServerSessionOptions.Subjects"/>.
    /// </summary>
    /// <param name="subject">The user's id.</param>
    /// <param name="label">What the list shows of the session; at most <see cref="SubjectChange.LongestLabel"/> characters.</param>
    /// <param name="cancellationToken">Ends the wait for the cluster's secret, which is asked for once.</param>
    ValueTask<SubjectChange> ToChangeAsync(string subject, string? label = null, CancellationToken cancellationToken = default);
}
