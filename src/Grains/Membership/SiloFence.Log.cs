using Microsoft.Extensions.Logging;

namespace ServerSession.Grains;

internal sealed partial class SiloFence
{
    [LoggerMessage(EventId = 5101, EventName = "FenceNotActive", Level = LogLevel.Warning, Message = "The membership table does not list this silo as active; it does not answer for sessions.")]
    private static partial void LogNotActive(ILogger logger);

    [LoggerMessage(EventId = 5102, EventName = "FenceCheckFailed", Level = LogLevel.Warning, Message = "The silo could not read its own entry in the membership table.")]
    private static partial void LogCheckFailed(ILogger logger, Exception exception);
}
