using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans.Storage;
using ServerSession.Storage;

namespace ServerSession.Hosting;

/// <summary>Unhealthy once the embedded store serves nothing any more, because a file of it was removed or replaced under this process.</summary>
public sealed class StorageHealthCheck(IServiceProvider services) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(services.GetKeyedService<IGrainStorage>("sessions") is SqliteGrainStorage { Failure: { } failure }
            ? HealthCheckResult.Unhealthy(failure)
            : HealthCheckResult.Healthy());
}
