using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Timers;

namespace ServerSession.Grains;

/// <summary>What every session grain of a silo shares.</summary>
internal sealed class SessionGrainServices(
    SessionStorage storage,
    ISiloFence fence,
    LocalSessions local,
    SessionObservers observers,
    SessionClock clock,
    ExpiryWheel expiry,
    VolatileHandover handover,
    IExpiryRegistration registration,
    SubjectBinder subjects,
    ClusterEpoch epoch,
    IGrainRuntime runtime,
    ITimerRegistry timers,
    IGrainFactory grains,
    IOptions<SessionGrainOptions> options,
    ILogger<SessionGrain> logger)
{
    public SessionStorage Storage => storage;

    public ISiloFence Fence => fence;

    public LocalSessions Local => local;

    public SessionObservers Observers => observers;

    public ExpiryWheel Expiry => expiry;

    public SubjectBinder Subjects => subjects;

    public ClusterEpoch Epoch => epoch;

    public VolatileHandover Handover => handover;

    public IExpiryRegistration Registration => registration;

    /// <summary>Also for use outside of a grain's turn, where the runtime gives none.</summary>
    public IGrainFactory Grains => grains;

    public IGrainRuntime Runtime => runtime;

    public ITimerRegistry Timers => timers;

    /// <summary>What happens to the sessions without a request.</summary>
    public SessionUpkeep Upkeep => field ??= new SessionUpkeep(this);

    public SessionGrainOptions Options { get; } = options.Value;

    public ILogger Logger => logger;

    public DateTimeOffset Now => clock.Time.GetUtcNow();
}
