using Microsoft.Extensions.Logging;

namespace ServerSession.Grains;

internal sealed partial class SessionUpkeep
{
    [LoggerMessage(EventId = 5004, EventName = "SessionExpiryFailed", Level = LogLevel.Warning, Message = "The expiry of session {SessionId} could not be stored yet.")]
    private static partial void LogExpiryFailed(ILogger logger, Exception exception, SessionId sessionId);
}
