using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.AspNetCore;

/// <summary>
/// Closes the silos' links to a frontend before its Orleans client stops, which is after its last request. A frontend in a silo's process has no client of its
/// own, so this never runs there.
/// </summary>
internal sealed class FrontendLeave(IServiceProvider services, SessionParts parts) : ILifecycleParticipant<IClusterClientLifecycle>
{
    /// <summary>The last to start and the first to stop: the client still answers.</summary>
    public void Participate(IClusterClientLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(FrontendLeave), ServiceLifecycleStage.Last, static _ => Task.CompletedTask, LeaveAsync);

    /// <summary>Asked for only now, because the client is being made when it asks for its participants.</summary>
    private Task LeaveAsync(CancellationToken cancellationToken) => parts.UsesGrainStore
        ? services.GetRequiredService<ClusterWatch>().LeaveAsync(services.GetRequiredService<IClusterClient>(), cancellationToken)
        : Task.CompletedTask;
}
