using Microsoft.Extensions.Logging;

namespace ServerSession.Grains;

internal readonly partial struct SessionPersistence
{
    /// <summary>In a class, because the generator of log messages takes no other type.</summary>
    private static partial class Log
    {
        [LoggerMessage(EventId = 5003, EventName = "SessionFlushFailed", Level = LogLevel.Error, Message = "Session {SessionId} could not store its last changes.")]
        public static partial void FlushFailed(ILogger logger, Exception exception, SessionId sessionId);
    }
}
