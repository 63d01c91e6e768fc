using Microsoft.Extensions.Logging;

namespace ServerSession.AspNetCore;

internal sealed partial class ClusterCalls
{
    [LoggerMessage(2201, LogLevel.Warning, "The cluster could not do an operation in {Attempts} attempt(s).", EventName = "SessionCallFailed")]
    private partial void LogGaveUp(int attempts, Exception exception);
}
