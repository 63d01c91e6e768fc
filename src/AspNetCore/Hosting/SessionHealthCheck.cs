using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServerSession;

/// <summary>Healthy once the shield keys are known: before that, a frontend cannot tell its users from strangers and answers 503.</summary>
internal sealed class SessionHealthCheck(ShieldKeyRingProvider ring) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(ring.Current is null
            ? HealthCheckResult.Unhealthy("The shield keys of the session cluster are not read yet.")
            : HealthCheckResult.Healthy());
}
