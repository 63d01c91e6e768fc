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
        try
        {
            app = build();
            StartupValidation.Validate(app.Services);
            var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
            app.Services.GetService<StartupLogGate>()?.OpenWhenStarted(lifetime);
            await app.RunAsync().ConfigureAwait(false);
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

    [LoggerMessage(1, LogLevel.Debug, "The host cannot run.", EventName = "CannotRun")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
