namespace ServerSession.AspNetCore;

/// <summary>A fresh id, and until when it may be used as one that the clean-up index has.</summary>
/// <param name="Id">The id.</param>
/// <param name="ValidUntil">A timestamp of the process's clock; the least where the index does not have the id.</param>
internal readonly record struct SessionIdLease(SessionId Id, long ValidUntil)
{
    /// <summary>An id that the grain has to register itself.</summary>
    public static SessionIdLease Unregistered() => new(SessionId.New(), long.MinValue);

    /// <summary>
    /// Whether a create may say that its id is registered. Its issue time has to be taken before: after a pause between the two the grain refuses
    /// the create as late.
    /// </summary>
    public bool IsRegistered(TimeProvider time) => ValidUntil != long.MinValue && time.GetTimestamp() < ValidUntil;
}
