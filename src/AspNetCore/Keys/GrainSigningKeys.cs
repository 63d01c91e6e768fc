namespace ServerSession.AspNetCore;

/// <summary>The ring that the cluster makes, keeps and rotates.</summary>
internal sealed class GrainSigningKeys(IGrainFactory grains, ClusterCalls calls) : ISigningKeySource
{
    public bool Changes => true;

    public async ValueTask<TokenSigningKeyRing> GetAsync()
    {
        try
        {
            // The grain is named within the call: a frontend that is not connected yet refuses that, and may be connected at the next attempt.
            return await calls.RunAsync(
                grains, static grains => grains.GetGrain<ISigningKeyGrain>(0).GetAsync(), CallKind.Read, giveUpAt: null, longest: TimeSpan.MaxValue, CancellationToken.None).ConfigureAwait(false);
        }
        catch (ArgumentException exception)
        {
            // Orleans knows the silos and what they hold: none of them has the grain.
            throw new SessionUnavailableException(
                "No silo of this cluster owns sessions: reference ServerSession.Orleans.Grains in the silo's project and call silo.AddServerSession() in UseOrleans(silo => …).", exception);
        }
    }
}
