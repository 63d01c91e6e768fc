using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>What every subject's grain of a silo shares.</summary>
internal sealed class SubjectServices(
    SessionStorage storage, IExpiryRegistration registration, SubjectSizes sizes, ISiloFence fence, IGrainFactory grains, SessionObservers observers, SessionClock clock)
{
    public ISiloFence Fence => fence;

    public IGrainFactory Grains => grains;

    public SessionObservers Observers => observers;

    public SessionClock Clock => clock;

    public DateTimeOffset Now => clock.Time.GetUtcNow();

    public SubjectSessions NewList(GrainId id) => new(storage, registration, id, sizes, clock);
}
