namespace ServerSession.Expiry;

internal sealed class ExpiryRegistration(IGrainFactory grains) : IExpiryRegistration
{
    /// <inheritdoc/>
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
