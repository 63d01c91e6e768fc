namespace ServerSession;

/// <summary>The ring that the cluster makes, keeps and rotates.</summary>
internal sealed class GrainShieldKeys(IGrainFactory grains) : IShieldKeySource
{
    public bool Changes => true;

    public async ValueTask<ShieldKeyRing> GetAsync()
    {
        IShieldKeyGrain grain;
        try
        {
            grain = grains.GetGrain<IShieldKeyGrain>(0);
        }
        catch (ArgumentException exception)
        {
            // Orleans knows the silos and what they hold: none of them has the grain.
            throw new SessionUnavailableException(
                "No silo of this cluster owns sessions: reference ServerSession.Orleans.Grains in the silo's project and call silo.AddServerSession() in UseOrleans(silo => …).", exception);
        }

        try
        {
            return await grain.GetAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not SessionUnavailableException)
        {
            throw new SessionUnavailableException("The cluster's shield keys cannot be read now.", exception);
        }
    }
}
