using Microsoft.Extensions.Logging;

namespace ServerSession.Hosting;

public sealed partial class ClusterConnectRetry
{
    [LoggerMessage(6201, LogLevel.Warning, "No silo of the session cluster answers yet; trying again. {Reason}", EventName = "NoSilo")]
    private static partial void LogNoSilo(ILogger logger, string reason);
}
