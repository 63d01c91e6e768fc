using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>
/// Asks every shard at an interval what is due. Each silo does, in a separate order: a shard that sweeps already is passed over, and the loss
/// of a silo changes nothing.
/// </summary>
internal sealed partial class ExpiryDriver(
    IServiceProvider services, IGrainFactory grains, SweepPace pace, SessionClock clock, IOptions<SessionGrainOptions> options, ILogger<ExpiryDriver> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    /// <summary>How long after its start a silo begins, at most: a cluster that comes back has its users to serve first.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);

    private readonly SessionExpiryOptions _options = options.Value.Expiry;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public bool IsRunning => !_running.IsCompleted;

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(ExpiryDriver), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    public void Dispose() => _stop.Dispose();

    private Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.Enabled)
        {
            _running = Task.Run(() => RunAsync(_stop.Token), CancellationToken.None);
        }

        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await pace.StopAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = (_options.Interval < FirstPause ? _options.Interval : FirstPause) * (0.5 + (Random.Shared.NextDouble() / 2));
        while (await PauseAsync(pause, cancellationToken))
        {
            await BackfillAsync(cancellationToken);
            await SweepAsync(cancellationToken);
            pause = _options.Interval;
        }
    }

    private async Task<bool> PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        await Task.Delay(pause, clock.Monotonic, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !cancellationToken.IsCancellationRequested;
    }

    private async Task BackfillAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Made no earlier than here: faults of the options or the storage are reported by their checks.
            if (await services.GetRequiredService<ExpiryBackfill>().RunAsync(cancellationToken) is > 0 and var rows)
            {
                LogBackfilled(logger, rows);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogBackfillFailed(logger, exception);
        }
        catch (OperationCanceledException)
        {
            // The silo stops; the next one begins again.
        }
    }

    /// <summary>Asks the shards in turn until none has more.</summary>
    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var shards = Enumerable.Range(0, ExpiryShards.All).ToArray();
        while (shards.Length > 0)
        {
            Random.Shared.Shuffle(shards);
            List<int> withMore = [];
            foreach (var shard in shards)
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    return;
                }

                if (await HasMoreAsync(shard, cancellationToken))
                {
                    withMore.Add(shard);
                }
            }

            shards = [.. withMore];
        }
    }

    private async Task<bool> HasMoreAsync(int shard, CancellationToken cancellationToken)
    {
        try
        {
            return (await grains.GetGrain<IExpiryShardGrain>(shard).SweepAsync(null).AsTask().WaitAsync(cancellationToken)).HasMore;
        }
        catch (Exception exception)
        {
            LogShardUnreachable(logger, exception, shard);
            return false;
        }
    }
}
