using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace ServerSession.Grains;

/// <summary>The part of each silo that is told of a new epoch.</summary>
[Alias("ServerSession.IEpochService"), GrainInterfaceType("ServerSession.IEpochService")]
internal interface IEpochService : IGrainService
{
    /// <summary>Takes over the epoch. When it has answered, the silo answers for no session of an older one.</summary>
    [Alias("learn"), ResponseTimeout("00:00:02")]
    ValueTask LearnAsync(long epoch);
}

[GrainType("session-epoch-service")]
internal sealed class EpochService(GrainId id, Silo silo, ILoggerFactory loggers, ClusterEpoch known, SessionWatchers watchers) : GrainService(id, silo, loggers), IEpochService
{
    public ValueTask LearnAsync(long epoch)
    {
        known.Learn(epoch);

        // No session hears of its end before somebody asks for it, so the frontends that watch are told to ask.
        watchers.AskForAll();
        return default;
    }
}

/// <summary>Reaches the service of a silo.</summary>
internal sealed class EpochServiceClient(IServiceProvider services) : GrainServiceClient<IEpochService>(services)
{
    public IEpochService Of(SiloAddress silo) => GetGrainService(silo);
}
