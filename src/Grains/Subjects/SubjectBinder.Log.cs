using Microsoft.Extensions.Logging;

namespace ServerSession.Grains;

internal sealed partial class SubjectBinder
{
    [LoggerMessage(EventId = 5701, EventName = "SubjectEntryLeft", Level = LogLevel.Debug, Message = "Session {SessionId} could not be taken off the list of its user; that happens when the list is read next.")]
    private static partial void LogNotForgotten(ILogger logger, Exception exception, SessionId sessionId);
}
