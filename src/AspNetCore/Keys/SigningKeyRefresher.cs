using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ServerSession.Core;

namespace ServerSession.AspNetCore;

/// <summary>
/// Reads the ring once the host has started, and again at every interval: so a new key is known before it signs. Not before: a silo or client
/// in this process that was registered later is not there yet.
/// </summary>
internal sealed partial class SigningKeyRefresher(
    SigningKeyRingProvider ring, IOptions<ServerSessionOptions> options, TimeProvider time, ILogger<SigningKeyRefresher> logger,
    IHostApplicationLifetime? lifetime = null, IClusterConnection? connection = null) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets how long a stop waits for a read under way: a silo in this process that leaves meanwhile logs the call as failed. A read that itself waits for the
    /// connection of a client is not waited for.
    /// </summary>
    internal TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(1);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Stops before the services of the host do, because a silo in this process may be the first of them that stops.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => StopAsync(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await ApplicationStartedAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var failed = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = options.Value.SigningKeyRefreshInterval;
            try
            {
                await RefreshAsync(stoppingToken).ConfigureAwait(false);
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

    private async Task RefreshAsync(CancellationToken stoppingToken)
    {
        Task read = ring.RefreshAsync();
        try
        {
            await read.WaitAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Without the provider of the time: the stop of a process is real also where a test moves the clock.
            var patience = connection is { IsOpen: false } ? TimeSpan.Zero : StopPatience;
            await read.WaitAsync(patience, TimeProvider.System, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private async Task ApplicationStartedAsync(CancellationToken stoppingToken)
    {
        if (lifetime is not null)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task.WaitAsync(stoppingToken).ConfigureAwait(false);
        }
    }
}
