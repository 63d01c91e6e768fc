namespace ServerSession.AspNetCore;

/// <summary>The ring that the cluster makes, keeps and rotates.</summary>
internal sealed class GrainSigningKeys(IGrainFactory grains, ClusterCalls calls) : ISigningKeySource
{
    public bool Changes => true;

    public ValueTask<TokenSigningKeyRing> GetAsync()
    {
        ISigningKeyGrain grain;
        try
        {
            grain = grains.GetGrain<ISigningKeyGrain>(0);
        }
        catch (ArgumentException exception)
        {
            // Orleans knows the silos and what they hold: none of them has the grain.
            throw new SessionUnavailableException(
                "No silo of this cluster owns sessions: reference ServerSession.Orleans.Grains in the silo's project and call silo.AddServerSession() in UseOrleans(silo => …).", exception);
        }

        return calls.RunAsync(
            grain, static grain => grain.GetAsync(), CallKind.Read, giveUpAt: null, longest: TimeSpan.MaxValue, CancellationToken.None);
    }
}
