using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ServerSession.Hosting;

/// <summary>
/// Shuts the host down on SIGTERM, SIGINT and SIGQUIT. The first signal turns it not ready; it serves on for the drain delay, then the orderly
/// stop begins. A second signal ends the process at once, and so does a stop that takes longer than the shutdown timeout allows.
/// </summary>
public sealed partial class DrainingLifetime(
    HostPhase phase,
    IHostApplicationLifetime lifetime,
    IHostEnvironment environment,
    IOptions<DrainOptions> drain,
    IOptions<HostOptions> host,
    TimeProvider time,
    IProcessExit exit,
    ILoggerFactory loggers) : IHostLifetime, IDisposable
{
    /// <summary>What the host may need beyond the shutdown timeout to notice that it has run out, and to write the last log entries.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(3);

    // The category that ASP.NET Core's own lifetime has: tools and people look for its lines.
    private readonly ILogger _logger = loggers.CreateLogger("Microsoft.Hosting.Lifetime");
    private readonly List<IDisposable> _registrations = [];
    private int _signals;
    private ITimer? _limit;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT })
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
        }

        phase.TakeSignals();
        _registrations.Add(lifetime.ApplicationStarted.Register(() => LogStarted(_logger, environment.EnvironmentName, environment.ContentRootPath)));
        _registrations.Add(lifetime.ApplicationStopping.Register(OnStopping));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _limit?.Dispose();
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    public void OnSignal(PosixSignalContext context)
    {
        // Otherwise the runtime ends the process when this method returns.
        context.Cancel = true;
        var signal = context.Signal;
        if (Interlocked.Increment(ref _signals) > 1)
        {
            LogEnding(_logger, signal);
            exit.Now(ExitCode.OfSignal(signal));
            return;
        }

        phase.Leave();
        _ = LeaveAsync(signal);
    }

    private async Task LeaveAsync(PosixSignal signal)
    {
        // What has not started serves nobody: there is nothing to wait for.
        var delay = lifetime.ApplicationStarted.IsCancellationRequested ? drain.Value.DrainDelay : TimeSpan.Zero;
        if (delay > TimeSpan.Zero)
        {
            LogDraining(_logger, signal, delay);
            await Task.Delay(delay, time, lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        lifetime.StopApplication();
    }

    private void OnStopping()
    {
        phase.Leave();
        LogStopping(_logger);
        _limit = time.CreateTimer(_ => OnOverdue(), null, host.Value.ShutdownTimeout + Margin, Timeout.InfiniteTimeSpan);
    }

    private void OnOverdue()
    {
        LogOverdue(_logger, host.Value.ShutdownTimeout);
        exit.Now(ExitCode.Failure);
    }
}
