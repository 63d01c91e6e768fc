using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>What every shard of a silo shares.</summary>
internal sealed class ExpiryServices(
    SessionStorage storage,
    IGrainFactory grains,
    SweepPace pace,
    ExpiryMetrics metrics,
    ExpirySizes sizes,
    SessionClock clock,
    IOptions<SessionGrainOptions> options,
    ILogger<ExpiryShardGrain> logger)
{
    public SessionGrainOptions Options { get; } = options.Value;

    public SweepPace Pace => pace;

    public ExpiryMetrics Metrics => metrics;

    public ExpirySizes Sizes => sizes;

    public SessionClock Clock => clock;

    public ILogger Logger => logger;

    public DateTimeOffset Now => clock.Time.GetUtcNow();

    public TimeSpan CreateTail { get; } = ExpiryTimes.CreateTail(options.Value);

    public ExpiryIndex NewIndex(GrainId shard) => new(storage, shard, sizes);

    /// <summary>What looks at the rows of a shard: those of sessions, or the lists of subjects.</summary>
    public PageLook NewLook(long shard) => new(storage, pace, clock, ExpiryShards.IsOfSubjects(shard) ? new SubjectRows(grains) : new SessionRows(grains));
}
