namespace ServerSession.Expiry;

/// <summary>Registers the id of a session that no frontend has reserved, before its row is written.</summary>
internal sealed class ExpiryRegistration(IGrainFactory grains)
{
    /// <exception cref="SessionUnavailableException">It is not known to be registered; no row may be written.</exception>
    public async Task RegisterAsync(SessionId id)
    {
        try
        {
            await grains.GetGrain<IExpiryShardGrain>(ExpiryShards.Of(id)).RegisterAsync([id]);
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            throw new SessionUnavailableException("The session's id could not be registered for its clean-up.", exception);
        }
    }
}
