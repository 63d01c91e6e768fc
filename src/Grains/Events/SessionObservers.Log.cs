using Microsoft.Extensions.Logging;

namespace ServerSession.Grains;

internal sealed partial class SessionObservers
{
    [LoggerMessage(EventId = 5203, EventName = "SessionObserverFailed", Level = LogLevel.Error, Message = "The session observer {Observer} failed at an event of session {SessionId}.")]
    private static partial void LogObserverFailed(ILogger logger, Exception exception, Type observer, SessionId sessionId);
}
