using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans.Runtime;

namespace ServerSession.Hosting;

/// <summary>Healthy while this process's silo is an active member of its cluster.</summary>
public sealed class SiloHealthCheck(ISiloStatusOracle silo) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = silo.CurrentStatus;
        return Task.FromResult(status == SiloStatus.Active
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"The silo is {status}; it serves sessions once it is {SiloStatus.Active}."));
    }
}
