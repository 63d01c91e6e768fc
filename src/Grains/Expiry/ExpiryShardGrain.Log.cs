using Microsoft.Extensions.Logging;

namespace ServerSession.Grains;

internal sealed partial class ExpiryShardGrain
{
    [LoggerMessage(EventId = 5301, EventName = "ExpiryRegistrationFailed", Level = LogLevel.Warning, Message = "Session ids could not be registered in shard {Shard} of the clean-up index.")]
    private static partial void LogRegistrationFailed(ILogger logger, Exception exception, long shard);

    [LoggerMessage(EventId = 5302, EventName = "ExpirySweepFailed", Level = LogLevel.Warning, Message = "Shard {Shard} of the clean-up index could not be swept; it is tried again.")]
    private static partial void LogSweepFailed(ILogger logger, Exception exception, long shard);

    [LoggerMessage(EventId = 5303, EventName = "ExpiryRowUnreadable", Level = LogLevel.Error, Message = "The clean-up cannot read the stored row of session {SessionId} and leaves it: it is broken, or a newer silo wrote it. Update this silo, or delete the row.")]
    private static partial void LogUnreadableRow(ILogger logger, SessionId sessionId);
}
