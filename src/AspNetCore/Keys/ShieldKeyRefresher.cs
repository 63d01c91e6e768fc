using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ServerSession;

/// <summary>Reads the ring at start, without holding the start up, and again at every interval: so a new key is known before it signs.</summary>
internal sealed partial class ShieldKeyRefresher(
    ShieldKeyRingProvider ring, IOptions<ServerSessionOptions> options, TimeProvider time, ILogger<ShieldKeyRefresher> logger) : BackgroundService
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failed = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = options.Value.ShieldKeyRefreshInterval;
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
}
