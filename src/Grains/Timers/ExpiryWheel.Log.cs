using Microsoft.Extensions.Logging;

namespace ServerSession.Grains;

internal sealed partial class ExpiryWheel
{
    [LoggerMessage(EventId = 5401, EventName = "ExpiryCallFailed", Level = LogLevel.Warning, Message = "A call that was to look at a session's deadline failed.")]
    private static partial void LogCallFailed(ILogger logger, Exception exception);
}
