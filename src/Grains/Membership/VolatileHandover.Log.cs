using Microsoft.Extensions.Logging;

namespace ServerSession.Grains;

internal sealed partial class VolatileHandover
{
    [LoggerMessage(EventId = 5105, EventName = "VolatileSessionsLost", Level = LogLevel.Warning, Message = "This silo shuts down and no other silo is active: its volatile sessions end with it.")]
    private partial void LogNowhereToGo();
}
