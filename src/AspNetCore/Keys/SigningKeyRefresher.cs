using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ServerSession.AspNetCore;

/// <summary>
/// Reads the ring once the host has started, and again at every interval: so a new key is known before it signs. Not before: a silo or client
/// in this process that was registered later is not there yet.
/// </summary>
internal sealed partial class SigningKeyRefresher(
    SigningKeyRingProvider ring, IOptions<ServerSessionOptions> options, TimeProvider time, ILogger<SigningKeyRefresher> logger,
    IHostApplicationLifetime? lifetime = null) : BackgroundService
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await StartedAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var failed = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = options.Value.SigningKeyRefreshInterval;
            try
            {
                await ring.RefreshAsync().WaitAsync(stoppingToken).ConfigureAwait(false);
                failed = false;
                if (!ring.Changes)
                {
                    return;
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (!failed)
                {
                    LogReadFailed(exception);
                }

                failed = true;
                pause = pause < RetryPause ? pause : RetryPause;
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
