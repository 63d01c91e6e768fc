namespace ServerSession;

/// <summary>
/// What the middleware does sessions with: the cluster by default, or an implementation of yours. Create and commit are different
/// operations and nothing upserts.
/// </summary>
/// <remarks>
/// Missing, expired, rotated and refused are outcomes; an exception means that the system failed, and
/// <see cref="SessionUnavailableException"/> that it may work again soon. An implementation keeps the guarantees: a commit that was answered is
/// seen by every later open, changes are merged per key, a repeated <see cref="OperationId"/> is applied once, and what is gone stays gone. It
/// begins nothing after the request's <see cref="CommitSession.NotAfter"/> and fails no earlier while it may yet begin it; where the middleware is
/// the caller, it waits no longer than that. It ends an open in time by itself.
/// </remarks>
public interface IServerSessionStore
{
    /// <summary>Opens a session: Opened, Gone or Stale. With <see cref="OpenMode.Peek"/> it never extends the session.</summary>
    ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken);

    /// <summary>Creates a session under a fresh id: Created, Gone (the id is used), Late, TooLarge or Mismatch. Never repeated with the same id.</summary>
    ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken);

    /// <summary>Applies changes, a rotation of the token (<see cref="CommitSession.NewVerifier"/>) and new terms together, once per operation id: Committed, Gone, Stale, TooLarge, Mismatch or Late.</summary>
    ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken);

    /// <summary>Ends a session: Destroyed, Gone, Stale or Late.</summary>
    ValueTask<SessionReply> DestroyAsync(SessionId id, DestroySession request, CancellationToken cancellationToken);
}
