using Microsoft.Extensions.Logging;

namespace ServerSession.Storage;

internal sealed partial class GroupWriter
{
    [LoggerMessage(EventId = 1004, EventName = "SqliteWritesFail", Level = LogLevel.Error,
        Message = "Writes to '{Path}' fail and are not acknowledged; said once until they succeed again. {Explanation}")]
    private partial void LogFailed(Exception error, string path, string explanation);

    [LoggerMessage(EventId = 1005, EventName = "SqliteWritesRecovered", Level = LogLevel.Information,
        Message = "Writes to '{Path}' succeed again.")]
    private partial void LogRecovered(string path);

    [LoggerMessage(EventId = 1006, EventName = "SqliteCheckpointFailed", Level = LogLevel.Warning,
        Message = "The write-ahead log of '{Path}' could not be moved into the database file; nothing is lost, later commits try again; said once until it succeeds.")]
    private partial void LogCheckpointFailed(Exception error, string path);
}
