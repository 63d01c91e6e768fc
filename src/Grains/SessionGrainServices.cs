using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Timers;
using ServerSession.Events;
using ServerSession.Expiry;
using ServerSession.Local;
using ServerSession.Storage;
using ServerSession.Timers;

namespace ServerSession;

/// <summary>What every session grain of a silo shares.</summary>
internal sealed class SessionGrainServices(
    SessionStorage storage,
    SiloFence fence,
    LocalSessions local,
    SessionObservers observers,
    SessionClock clock,
    ExpiryWheel expiry,
    VolatileHandover handover,
    ExpiryRegistration registration,
    IGrainRuntime runtime,
    IGrainFactory grains,
    IOptions<SessionGrainOptions> options,
    ILogger<SessionGrain> logger)
{
    public SessionStorage Storage => storage;

    public SiloFence Fence => fence;

    public LocalSessions Local => local;

    public SessionObservers Observers => observers;

    public ExpiryWheel Expiry => expiry;

    public VolatileHandover Handover => handover;

    public ExpiryRegistration Registration => registration;

    /// <summary>Also for use outside of a grain's turn, where the runtime gives none.</summary>
    public IGrainFactory Grains => grains;

    public IGrainRuntime Runtime => runtime;

    public ITimerRegistry Timers { get; } = runtime.TimerRegistry;

    public SessionGrainOptions Options { get; } = options.Value;

    public ILogger Logger => logger;

    public DateTimeOffset Now => clock.Time.GetUtcNow();
}
