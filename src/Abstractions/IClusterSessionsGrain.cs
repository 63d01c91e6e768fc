namespace ServerSession;

/// <summary>Acts on all sessions of the cluster. One grain, with key 0.</summary>
[Alias("ServerSession.IClusterSessionsGrain")]
public interface IClusterSessionsGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Ends all sessions that exist, however many: with one storage write, and one message to each silo. When it returns, no silo answers for one of them, and no
    /// commit to one is accepted.
    /// </summary>
    /// <param name="notAfter">When the caller gives up (UTC); a silo whose clock is past it begins nothing. Null sets no limit.</param>
    /// <returns>The new epoch of the cluster.</returns>
    /// <exception cref="SessionUnavailableException">Not every silo is known to have heard of it. Repeat it.</exception>
    [Alias("end-all"), ResponseTimeout("00:00:40")]
    ValueTask<long> EndAllAsync(DateTimeOffset? notAfter);
}
