using Microsoft.Extensions.Logging;

namespace ServerSession.Hosting;

public static partial class HostRunner
{
    [LoggerMessage(6002, LogLevel.Debug, "The start was given up, because the host was asked to shut down.", EventName = "StartGivenUp")]
    private static partial void LogStartGivenUp(ILogger logger, Exception exception);

    [LoggerMessage(6001, LogLevel.Debug, "The host cannot run.", EventName = "CannotRun")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
