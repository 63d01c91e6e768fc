namespace ServerSession.AspNetCore;

/// <summary>The key ring in the cluster. A call takes no longer than <see cref="ServerSessionOptions.RetryBudget"/>.</summary>
internal sealed class GrainKeyElements(IGrainFactory grains, ClusterCalls calls, KeyRingName ring) : IKeyElementStore
{
    public ValueTask<DataProtectionKeyRing> ReadAsync(Guid maker) => calls.RunAsync(
        (Store: this, maker),
        static call => call.Store.Grain().GetAsync(call.maker),
        CallKind.Read, giveUpAt: null, longest: TimeSpan.MaxValue, CancellationToken.None);

    public async ValueTask StoreAsync(DataProtectionKeyElement element)
    {
        var notAfter = calls.GiveUpAt();
        Check(await calls.RunAsync(
            (Store: this, element, notAfter),
            static call => call.Store.Grain().StoreAsync(call.element, call.notAfter),
            CallKind.Change, notAfter, longest: TimeSpan.MaxValue, CancellationToken.None).ConfigureAwait(false));
    }

    public async ValueTask DeleteAsync(Guid[] ids)
    {
        var notAfter = calls.GiveUpAt();
        Check(await calls.RunAsync(
            (Store: this, ids, notAfter),
            static call => call.Store.Grain().DeleteAsync(call.ids, call.notAfter),
            CallKind.Change, notAfter, longest: TimeSpan.MaxValue, CancellationToken.None).ConfigureAwait(false));
    }

    private static void Check(DataProtectionKeyOutcome outcome)
    {
        switch (outcome)
        {
            case DataProtectionKeyOutcome.Stored:
                return;
            case DataProtectionKeyOutcome.Full:
                throw new InvalidOperationException(
                    "The Data Protection key ring of the session cluster is full (1,024 elements or 512 KiB), so the new key was not stored. "
                    + "A ring grows like that where each start of a frontend finds keys that it cannot decrypt: check ProtectKeysWith…, then delete old keys with XmlKeyManager.DeleteKeys.");
            case DataProtectionKeyOutcome.Late:
                throw new SessionUnavailableException(
                    "The cluster received a change of the Data Protection keys too late. If this goes on, compare the clocks of frontends and silos.");
            default:
                throw new SessionUnavailableException($"The cluster answered {outcome}, which is no answer to a change of the Data Protection keys.");
        }
    }

    private IDataProtectionKeyGrain Grain()
    {
        try
        {
            return grains.GetGrain<IDataProtectionKeyGrain>(ring.Value);
        }
        catch (ArgumentException exception)
        {
            // Orleans knows the silos and what they hold: none of them has the grain.
            throw new SessionUnavailableException(
                "No silo of this cluster keeps Data Protection keys: reference ServerSession.Orleans.Grains in the silo's project and call silo.AddServerSession() in UseOrleans(silo => …).", exception);
        }
    }
}
