using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ServerSession.AspNetCore;

/// <summary>
/// Loads Data Protection's keys once the host has started, and again when the cluster answers after an outage, so that no request has to wait for
/// it. Data Protection itself tries while the host starts, when a silo or client that was registered later is not there yet.
/// </summary>
internal sealed partial class KeyRingLoader(
    KeyRingReader reader, IServiceProvider services, TimeProvider time, ILogger<KeyRingLoader> logger, IHostApplicationLifetime? lifetime = null) : BackgroundService
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause where the cluster answers the probe and fails what comes after it.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(8);

    /// <summary>A failure that comes later than this is the first of another outage.</summary>
    private static readonly TimeSpan StableTime = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await StartedAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        reader.Watch();
        var pause = RetryPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            await ReachAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            // Data Protection loads its keys on the calling thread.
            var reachedAt = time.GetTimestamp();
            await Task.Run(Load, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await reader.FailedAsync().WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = time.GetElapsedTime(reachedAt) < StableTime ? pause : RetryPause;
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task ReachAsync(CancellationToken stoppingToken)
    {
        var failed = false;
        while (!await reader.ProbeAsync().WaitAsync(stoppingToken).ConfigureAwait(false))
        {
            if (!failed)
            {
                LogUnreadable();
            }

            failed = true;
            await Task.Delay(RetryPause, time, stoppingToken).ConfigureAwait(false);
        }
    }

    private void Load()
    {
        try
        {
            services.GetRequiredService<IDataProtectionProvider>().CreateProtector(nameof(KeyRingLoader)).Protect([]);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogNotLoaded(exception);
        }
    }

    private async Task StartedAsync(CancellationToken stoppingToken)
    {
        if (lifetime is not null)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task.WaitAsync(stoppingToken).ConfigureAwait(false);
        }
    }
}
