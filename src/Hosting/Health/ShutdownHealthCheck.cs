using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServerSession.Hosting;

/// <summary>A host that was asked to shut down still serves, but wants no new requests.</summary>
public sealed class ShutdownHealthCheck(HostPhase phase) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(phase.IsLeaving
            ? HealthCheckResult.Unhealthy("The host is shutting down.")
            : HealthCheckResult.Healthy());
}
