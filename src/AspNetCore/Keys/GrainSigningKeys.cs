namespace ServerSession.AspNetCore;

/// <summary>The ring that the cluster makes, keeps and rotates.</summary>
internal sealed class GrainSigningKeys(IGrainFactory grains, ClusterCalls calls) : ISigningKeySource
{
    public bool Changes => true;

    public async ValueTask<TokenSigningKeyRing> GetAsync() =>
        await calls.RunAsync(
            grains, ReadAsync, CallKind.Read, giveUpAt: null, longest: TimeSpan.MaxValue, CancellationToken.None).ConfigureAwait(false)
        ?? throw new SessionUnavailableException(
            "No silo of this cluster owns sessions: reference ServerSession.Orleans.Grains in the silo's project and call silo.AddServerSession() in UseOrleans(silo => …).");

    /// <summary>Asks the grain; null where no silo has it.</summary>
    private static async ValueTask<TokenSigningKeyRing?> ReadAsync(IGrainFactory grains)
    {
        ISigningKeyGrain grain;
        try
        {
            grain = grains.GetGrain<ISigningKeyGrain>(0);
        }
        catch (ArgumentException)
        {
            // Orleans knows the silos and what they hold: none of them has the grain.
            return null;
        }

        return await grain.GetAsync().ConfigureAwait(false);
    }
}
