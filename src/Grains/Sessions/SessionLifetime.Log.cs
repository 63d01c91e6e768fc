using Microsoft.Extensions.Logging;

namespace ServerSession.Grains;

internal sealed partial class SessionLifetime
{
    [LoggerMessage(EventId = 5001, EventName = "SessionStaleToken", Level = LogLevel.Warning, Message = "A replaced token of session {SessionId} was used after the grace period.")]
    private static partial void LogStaleToken(ILogger logger, SessionId sessionId);
}
