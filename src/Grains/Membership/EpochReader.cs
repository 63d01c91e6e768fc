using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>
/// Reads the epoch when the silo has become active. From then on it is told: whoever raises the epoch tells every silo that the membership table lists as active
/// after the epoch was written, and this silo reads it after it is listed. It reads again once a minute, for the end that was stored and whose caller died or gave
/// up before every silo had heard of it. A read that fails then changes nothing: the silo goes on with the epoch that it knows.
/// </summary>
internal sealed partial class EpochReader(
    IServiceProvider services, ClusterEpoch epoch, SessionWatchers watchers, SessionClock clock, ILogger<EpochReader> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private Task _reading = Task.CompletedTask;

    public void Participate(ISiloLifecycle observer)
    {
        // No session hears of its end before somebody asks for it, so the frontends that watch are told to ask.
        epoch.Raised += watchers.AskForAll;
        observer.Subscribe(nameof(EpochReader), ServiceLifecycleStage.Active, StartAsync, StopAsync);
    }

    public void Dispose() => _stop.Dispose();

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var isRead = await TryReadAsync(LogNotRead);
        _reading = Task.Run(() => RunAsync(isRead), CancellationToken.None);
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync(bool isRead)
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(isRead ? Interval : Pause, clock.Monotonic, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_stop.IsCancellationRequested)
            {
                isRead = await TryReadAsync(isRead ? LogNotReadAgain : LogNotRead) || isRead;
            }
        }
    }

    private async Task<bool> TryReadAsync(Action<ILogger, Exception> log)
    {
        try
        {
            // Made no earlier than here: faults of the storage are reported by its checks.
            epoch.Learn((await services.GetRequiredService<EpochRow>().ReadAsync()).Epoch);
            return true;
        }
        catch (SessionUnavailableException exception)
        {
            log(logger, exception);
            return false;
        }
    }
}
