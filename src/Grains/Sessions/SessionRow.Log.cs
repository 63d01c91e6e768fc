using Microsoft.Extensions.Logging;

namespace ServerSession.Grains;

internal sealed partial class SessionRow
{
    [LoggerMessage(EventId = 5002, EventName = "SessionRowBroken", Level = LogLevel.Error, Message = "The stored row of session {SessionId} cannot be read; the session is gone and the row is left as it is.")]
    private static partial void LogBrokenRow(ILogger logger, Exception exception, SessionId sessionId);
}
