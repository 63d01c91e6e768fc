using Orleans.Runtime;
using Orleans.Storage;

namespace ServerSession.Grains;

/// <summary>Raises the epoch of the cluster: one storage write, and one message to each silo, however many sessions there are.</summary>
[GrainType(TypeName)]
internal sealed class ClusterSessionsGrain(IGrainContext context, EpochRow row, EpochAnnouncement announcement, ISiloFence fence, SessionClock clock) : IGrainBase, IClusterSessionsGrain
{
    public const string TypeName = "session-cluster";

    public IGrainContext GrainContext => context;

    public async ValueTask<long> EndAllAsync(DateTimeOffset? notAfter)
    {
        fence.ThrowIfStale();
        var (epoch, etag) = await row.ReadAsync();
        if (notAfter < clock.Time.GetUtcNow())
        {
            throw new SessionUnavailableException("The end of all sessions was asked for too long ago; nothing was ended by this message.");
        }

        try
        {
            await row.WriteAsync(++epoch, etag);
        }
        catch (InconsistentStateException)
        {
            throw new SessionUnavailableException("All sessions are being ended by somebody else as well. Call it again to be certain.");
        }

        await announcement.CompleteAsync(epoch);
        return epoch;
    }
}
