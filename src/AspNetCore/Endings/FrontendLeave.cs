using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ServerSession.Core;

namespace ServerSession;

/// <summary>Closes the silos' links to a frontend that stops, before its Orleans client does. A frontend in a silo's process has no client.</summary>
internal sealed class FrontendLeave(IServiceProvider services, SessionParts parts) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) =>
        parts.UsesGrainStore && services.GetService<ILocalSessions>() is null && services.GetService<IGrainFactory>() is not null
            ? services.GetRequiredService<ClusterWatch>().LeaveAsync(cancellationToken)
            : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
