using Microsoft.Extensions.Logging;

namespace ServerSession.Grains;

internal sealed partial class SessionEvents
{
    [LoggerMessage(EventId = 5201, EventName = "SessionEventDropped", Level = LogLevel.Warning, Message = "The session event handlers are too slow; an event of session {SessionId} was dropped.")]
    private static partial void LogDropped(ILogger logger, SessionId sessionId);

    [LoggerMessage(EventId = 5202, EventName = "SessionEventHandlerFailed", Level = LogLevel.Error, Message = "The session event handler {Handler} failed.")]
    private static partial void LogHandlerFailed(ILogger logger, Exception exception, Type handler);
}
