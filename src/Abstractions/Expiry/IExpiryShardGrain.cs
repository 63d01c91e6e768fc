namespace ServerSession;

/// <summary>
/// One shard of the clean-up index: it knows the ids of sessions that may have a row in the storage, and looks at them when they may be due.
/// Its key is the shard's number, from 0 to 63.
/// </summary>
/// <remarks>
/// An id stands in the index before a row of it can exist, and leaves it when there is no row and none can come any more. So a session that
/// nobody asks for again is found and removed, whichever process died in between. <see cref="SessionUnavailableException"/> means that the
/// shard cannot answer now; every call is safe to repeat.
/// </remarks>
[Alias("ServerSession.IExpiryShardGrain")]
public interface IExpiryShardGrain : IGrainWithIntegerKey
{
    /// <summary>Registers fresh ids durably and gives them out.</summary>
    /// <param name="count">How many; what is outside of 1 to 1,024 is taken as the nearer bound.</param>
    /// <param name="firstLook">After which time the rows are worth a first look: the idle timeout that most of the sessions will have.</param>
    [Alias("reserve"), ResponseTimeout("00:00:02")]
    ValueTask<SessionIdBlock> ReserveAsync(int count, TimeSpan firstLook);

    /// <summary>Registers ids that came from elsewhere durably. A row may be written for them from then on.</summary>
    [Alias("register"), ResponseTimeout("00:00:02")]
    ValueTask RegisterAsync(SessionId[] ids);

    /// <summary>Looks at pages of the index for about a second and ends the sessions that are due.</summary>
    /// <param name="run">
    /// Null for the pages that are due. Otherwise the name of a run, chosen by the caller: every page is looked at once in it, due or not.
    /// </param>
    [Alias("sweep"), ResponseTimeout("00:01:00")]
    ValueTask<ShardSweepReply> SweepAsync(Guid? run);
}
