using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Storage;

namespace ServerSession.Grains;

/// <summary>Runs the probe after the storage provider is ready and before the silo takes calls.</summary>
internal sealed class StorageProbeStartup(IServiceProvider provider, IOptions<SessionGrainOptions> options) : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>How often the storage is tried where it does not answer in time.</summary>
    private const int Attempts = 3;

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(StorageProbeStartup), ServiceLifecycleStage.BecomeActive - 1, StartAsync);

    private Task StartAsync(CancellationToken cancellationToken)
    {
        // A missing storage is reported at start, whether the probe is on or not.
        var storage = provider.GetRequiredService<SessionStorage>();
        return options.Value.ProbeStorage
            ? ProbeAsync(storage, provider.GetRequiredKeyedService<IGrainStorage>(SessionGrainOptions.StorageName)).WaitAsync(cancellationToken)
            : Task.CompletedTask;
    }

    private async Task ProbeAsync(SessionStorage storage, IGrainStorage sessions)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await new StorageProbe(storage, sessions, options.Value.Limits).RunAsync();
                return;
            }
            catch (SessionUnavailableException exception) when (StorageFailure.IsTimeout(exception))
            {
                if (attempt == Attempts)
                {
                    throw new SessionUnavailableException(
                        $"The grain storage '{SessionGrainOptions.StorageName}' ({sessions.GetType().Name}) did not answer within ServerSession:StorageTimeout " +
                        $"({options.Value.StorageTimeout}), {Attempts} times. Check that this machine reaches it and how busy it is, or raise the time-out. ({exception.Message})");
                }
            }
        }
    }
}
