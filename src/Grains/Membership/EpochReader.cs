using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace ServerSession;

/// <summary>
/// Reads the epoch when the silo has become active. From then on it is told: whoever raises the epoch tells every silo that the membership table lists as active
/// after the epoch was written, and this silo reads it after it is listed.
/// </summary>
internal sealed partial class EpochReader(IServiceProvider services, ClusterEpoch epoch, SessionClock clock, ILogger<EpochReader> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private Task _reading = Task.CompletedTask;

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(EpochReader), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    public void Dispose() => _stop.Dispose();

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!await TryReadAsync())
        {
            _reading = Task.Run(RepeatAsync, CancellationToken.None);
        }
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RepeatAsync()
    {
        while (!_stop.IsCancellationRequested && !await TryReadAsync())
        {
            await Task.Delay(Pause, clock.Steady, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> TryReadAsync()
    {
        try
        {
            // Made no earlier than here: faults of the storage are reported by its checks.
            epoch.Learn((await services.GetRequiredService<EpochRow>().ReadAsync()).Epoch);
            return true;
        }
        catch (SessionUnavailableException exception)
        {
            LogNotRead(logger, exception);
            return false;
        }
    }
}
