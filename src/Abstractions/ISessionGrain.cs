namespace ServerSession;

/// <summary>
/// The grain of one session; its key is the <see cref="SessionId"/>. Create and commit are different operations and nothing upserts:
/// after a destroy, an expiry or a rotation was acknowledged, no message, not even a delayed duplicate, brings the session or the old
/// token back (guarantee: dead stays dead).
/// </summary>
/// <remarks>
/// Every operation answers with an outcome; <see cref="SessionUnavailableException"/> means that the grain could not do it now. All but
/// <see cref="CreateAsync"/> are safe to repeat. Calls time out after two seconds.
/// </remarks>
[Alias("ServerSession.ISessionGrain")]
public interface ISessionGrain : IGrainWithGuidKey
{
    /// <summary>
    /// Creates the session: <see cref="SessionOutcome.Created"/>, or <see cref="SessionOutcome.Gone"/> where the id is used or was,
    /// <see cref="SessionOutcome.Late"/>, <see cref="SessionOutcome.TooLarge"/>, <see cref="SessionOutcome.Mismatch"/>.
    /// </summary>
    [Alias("create"), ResponseTimeout("00:00:02")]
    ValueTask<SessionReply> CreateAsync(CreateSession request);

    /// <summary>
    /// Opens the session: <see cref="SessionOutcome.Opened"/> with a snapshot, <see cref="SessionOutcome.Gone"/> or
    /// <see cref="SessionOutcome.Stale"/>. Reading never changes data; it moves the last access unless <paramref name="mode"/> is
    /// <see cref="OpenMode.Peek"/>.
    /// </summary>
    [Alias("open"), ResponseTimeout("00:00:02")]
    ValueTask<SessionReply> OpenAsync(VerifierHash verifier, OpenMode mode);

    /// <summary>
    /// Applies a commit once: <see cref="SessionOutcome.Committed"/>, <see cref="SessionOutcome.Gone"/>, <see cref="SessionOutcome.Stale"/>,
    /// <see cref="SessionOutcome.TooLarge"/>, <see cref="SessionOutcome.Mismatch"/> or <see cref="SessionOutcome.Late"/>.
    /// </summary>
    [Alias("commit"), ResponseTimeout("00:00:02")]
    ValueTask<SessionReply> CommitAsync(CommitSession request);

    /// <summary>
    /// Ends the session: <see cref="SessionOutcome.Destroyed"/>, <see cref="SessionOutcome.Gone"/> where it had ended before, or
    /// <see cref="SessionOutcome.Stale"/> or <see cref="SessionOutcome.Late"/> (nothing is ended).
    /// </summary>
    [Alias("destroy"), ResponseTimeout("00:00:02")]
    ValueTask<SessionReply> DestroyAsync(DestroySession request);

    /// <summary>
    /// Opens the session without the data that the caller has already, and returns the caller's frontend from then on what becomes of the session:
    /// until the reply's time is over, or the session leaves its silo, of which the frontend is told as well.
    /// </summary>
    [Alias("watch"), ResponseTimeout("00:00:02")]
    ValueTask<WatchReply> WatchAsync(WatchSession request);

    /// <summary>Ends the session if its deadline has passed, and reports when it is due otherwise.</summary>
    [Alias("expire-if-due"), ResponseTimeout("00:00:05")]
    ValueTask<ExpiryReply> ExpireIfDueAsync();
}
