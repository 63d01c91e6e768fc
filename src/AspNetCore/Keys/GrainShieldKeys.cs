namespace ServerSession;

/// <summary>The ring that the cluster makes, keeps and rotates.</summary>
internal sealed class GrainShieldKeys(IGrainFactory grains) : IShieldKeySource
{
    public bool Changes => true;

    public async ValueTask<ShieldKeyRing> GetAsync()
    {
        try
        {
            return await grains.GetGrain<IShieldKeyGrain>(0).GetAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not SessionUnavailableException)
        {
            throw new SessionUnavailableException("The cluster's shield keys cannot be read now.", exception);
        }
    }
}
