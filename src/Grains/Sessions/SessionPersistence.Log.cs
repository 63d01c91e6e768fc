using Microsoft.Extensions.Logging;

namespace ServerSession.Sessions;

internal sealed partial class SessionPersistence
{
    [LoggerMessage(EventId = 5003, EventName = "SessionFlushFailed", Level = LogLevel.Error, Message = "Session {SessionId} could not store its last changes.")]
    private static partial void LogFlushFailed(ILogger logger, Exception exception, SessionId sessionId);
}
