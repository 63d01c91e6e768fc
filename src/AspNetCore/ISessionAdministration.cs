namespace ServerSession;

/// <summary>Acts on sessions by their public id, without a token: for administrators and background work. Guard its callers.</summary>
public interface ISessionAdministration
{
    /// <summary>Ends a session: false where it had ended before, or never was.</summary>
    /// <exception cref="SessionUnavailableException">The session grain cannot be reached; whether the session ended is unknown. Repeat it.</exception>
    ValueTask<bool> DestroyAsync(SessionId id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Ends all sessions of the cluster, however many: with one storage write and one message to each silo. When it returns, no request that comes afterwards sees one
    /// of them on any frontend, and no change in flight is accepted. Their rows leave the storage at their deadlines, and handlers in the silos hear of an end when
    /// somebody asks for its session. Sessions of one user: <see cref="IServerSessionSubjects.EndAllAsync"/>.
    /// </summary>
    /// <exception cref="SessionUnavailableException">Not every silo is known to have heard of it: one stands still, for example. Call it again to be certain.</exception>
    /// <exception cref="NotSupportedException">The sessions are in a store of your own.</exception>
    ValueTask EndAllAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Looks at every session of the storage now, and removes the rows of those that have ended. The silos do that by themselves; call it where you
    /// want it done at a time of your own. It keeps to <c>ServerSession:Expiry:RowsPerSecond</c> of the silos, so it takes long where there are many.
    /// </summary>
    /// <exception cref="SessionUnavailableException">Not all could be looked at. Repeat it.</exception>
    /// <exception cref="NotSupportedException">The sessions are in a store of your own, which cleans up itself.</exception>
    ValueTask<SessionSweepResult> SweepAsync(CancellationToken cancellationToken = default);
}
