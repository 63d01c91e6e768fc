using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServerSession.AspNetCore;

/// <summary>Healthy once the signing keys are known: before that, a frontend cannot verify any token and answers 503.</summary>
internal sealed class SessionHealthCheck(SigningKeyRingProvider ring) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(ring.Current is null
            ? HealthCheckResult.Unhealthy("The signing keys of the session cluster are not read yet.")
            : HealthCheckResult.Healthy());
}
