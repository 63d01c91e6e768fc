using Microsoft.Extensions.Logging;

namespace ServerSession.Hosting;

public sealed partial class BackgroundClusterClient
{
    [LoggerMessage(6202, LogLevel.Debug, "The host shuts down; it connects to the cluster no more.", EventName = "ConnectingGivenUp")]
    private partial void LogGivenUp(Exception exception);

    [LoggerMessage(6203, LogLevel.Critical, "The Orleans client cannot be started; the host shuts down.", EventName = "ClientFailed")]
    private partial void LogFailed(Exception exception);
}
