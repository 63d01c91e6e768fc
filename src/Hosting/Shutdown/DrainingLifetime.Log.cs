using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace ServerSession.Hosting;

public sealed partial class DrainingLifetime
{
    [LoggerMessage(6101, LogLevel.Information, "Application started in {Environment}, content root {ContentRoot}. SIGTERM or Ctrl+C shuts it down.", EventName = "Started")]
    private static partial void LogStarted(ILogger logger, string environment, string contentRoot);

    [LoggerMessage(6102, LogLevel.Information, "{Signal}: not ready any more, serving for another {Delay} before the listener closes.", EventName = "Draining")]
    private static partial void LogDraining(ILogger logger, PosixSignal signal, TimeSpan delay);

    [LoggerMessage(6103, LogLevel.Information, "Application is shutting down...", EventName = "Stopping")]
    private static partial void LogStopping(ILogger logger);

    [LoggerMessage(6104, LogLevel.Warning, "{Signal} a second time: the process ends at once.", EventName = "EndingAtOnce")]
    private static partial void LogEnding(ILogger logger, PosixSignal signal);

    [LoggerMessage(6105, LogLevel.Critical, "The orderly stop has not ended within shutdownTimeoutSeconds ({Timeout}); the process ends now.", EventName = "StopOverdue")]
    private static partial void LogOverdue(ILogger logger, TimeSpan timeout);
}
