using Microsoft.Extensions.Logging;

namespace ServerSession;

internal sealed partial class SessionGrain
{
    [LoggerMessage(EventId = 5001, EventName = "SessionStaleToken", Level = LogLevel.Warning, Message = "A replaced token of session {SessionId} was used after the grace period.")]
    private static partial void LogStaleToken(ILogger logger, SessionId sessionId);

    [LoggerMessage(EventId = 5002, EventName = "SessionRowBroken", Level = LogLevel.Error, Message = "The stored row of session {SessionId} cannot be read; the session is gone and the row is left as it is.")]
    private static partial void LogBrokenRow(ILogger logger, Exception exception, SessionId sessionId);

    [LoggerMessage(EventId = 5003, EventName = "SessionFlushFailed", Level = LogLevel.Error, Message = "Session {SessionId} could not store its last changes.")]
    private static partial void LogFlushFailed(ILogger logger, Exception exception, SessionId sessionId);

    [LoggerMessage(EventId = 5004, EventName = "SessionExpiryFailed", Level = LogLevel.Warning, Message = "The expiry of session {SessionId} could not be stored yet.")]
    private static partial void LogExpiryFailed(ILogger logger, Exception exception, SessionId sessionId);
}
