using Microsoft.Extensions.Logging;

namespace ServerSession.Grains;

internal sealed partial class ExpiryDriver
{
    [LoggerMessage(EventId = 5312, EventName = "ExpiryBackfilled", Level = LogLevel.Information, Message = "{Rows} sessions that were stored before the clean-up index existed are registered in it now.")]
    private static partial void LogBackfilled(ILogger logger, long rows);

    [LoggerMessage(EventId = 5313, EventName = "ExpiryBackfillFailed", Level = LogLevel.Warning, Message = "The sessions that were stored before the clean-up index existed could not be registered yet; it is tried again after the interval.")]
    private static partial void LogBackfillFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 5311, EventName = "ExpiryShardUnreachable", Level = LogLevel.Debug, Message = "Shard {Shard} of the clean-up index did not answer; it is asked again after the interval.")]
    private static partial void LogShardUnreachable(ILogger logger, Exception exception, int shard);
}
