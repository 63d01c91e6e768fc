using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Storage;

namespace ServerSession.Grains;

/// <summary>Runs the probe after the storage provider is ready and before the silo takes calls.</summary>
internal sealed class StorageProbeStartup(IServiceProvider provider, IOptions<SessionGrainOptions> options) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(StorageProbeStartup), ServiceLifecycleStage.BecomeActive - 1, StartAsync);

    private Task StartAsync(CancellationToken cancellationToken)
    {
        // A missing storage is reported at start, whether the probe is on or not.
        var storage = provider.GetRequiredService<SessionStorage>();
        return options.Value.ProbeStorage
            ? new StorageProbe(storage, provider.GetRequiredKeyedService<IGrainStorage>(SessionGrainOptions.StorageName), options.Value.Limits).RunAsync().WaitAsync(cancellationToken)
            : Task.CompletedTask;
    }
}
