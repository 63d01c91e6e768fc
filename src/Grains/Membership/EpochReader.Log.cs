using Microsoft.Extensions.Logging;

namespace ServerSession.Grains;

internal sealed partial class EpochReader
{
    [LoggerMessage(EventId = 5111, EventName = "EpochNotRead", Level = LogLevel.Warning, Message = "The silo could not read whether all sessions were ended; it answers for no session until it has.")]
    private static partial void LogNotRead(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 5112, EventName = "EpochNotReadAgain", Level = LogLevel.Warning, Message = "The silo could not look whether all sessions were ended since; it looks again in a minute.")]
    private static partial void LogNotReadAgain(ILogger logger, Exception exception);
}
