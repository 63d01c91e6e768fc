using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ServerSession.Hosting;

/// <summary>Runs a host and turns a start that fails into sentences a person can act on.</summary>
public static partial class HostRunner
{
    /// <summary>Builds and runs a host until it is shut down.</summary>
    /// <param name="name">What the host is called in messages.</param>
    /// <param name="build">Builds the host; called once.</param>
    /// <returns>The exit code: 0 after a shutdown, 1 where the host could not start or broke down. The reason is then on standard error.</returns>
    public static async Task<int> RunAsync(string name, Func<WebApplication> build)
    {
        ArgumentNullException.ThrowIfNull(build);
        WebApplication? app = null;
        using var early = new EarlySignals();
        try
        {
            app = build();
            app.Services.GetService<HostPhase>()?.Keep(early);
            StartupValidation.Validate(app.Services);
            var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
            app.Services.GetService<HostLogGate>()?.Follow(lifetime);
            await RunAsync(app, lifetime).ConfigureAwait(false);
            return 0;
        }
        catch (Exception exception)
        {
            if (app is not null)
            {
                LogFailed(app.Logger, exception);
            }

            await Console.Error.WriteLineAsync(StartupFailure.Describe(name, exception)).ConfigureAwait(false);
            return 1;
        }
        finally
        {
            if (app is not null)
            {
                await app.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static async Task RunAsync(WebApplication app, IHostApplicationLifetime lifetime)
    {
        try
        {
            await app.StartAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Asked to shut down while it started, which is no failure: what has started already is stopped in order.
            LogStartGivenUp(app.Logger, exception);
            await StopQuietlyAsync(app).ConfigureAwait(false);
            return;
        }

        await app.WaitForShutdownAsync().ConfigureAwait(false);
    }

    private static async Task StopQuietlyAsync(WebApplication app)
    {
        try
        {
            await app.StopAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Parts that never came up may refuse to be stopped.
            LogStartGivenUp(app.Logger, exception);
        }
    }
}
