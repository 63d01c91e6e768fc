using Microsoft.Extensions.Logging;

namespace ServerSession.Storage;

internal sealed partial class SqliteFile
{
    [LoggerMessage(EventId = 1007, EventName = "SqliteFileLost", Level = LogLevel.Critical, Message = "{Explanation}")]
    private static partial void LogLost(ILogger logger, string explanation);

    [LoggerMessage(EventId = 1008, EventName = "SqliteReadableByOthers", Level = LogLevel.Warning,
        Message = "Other accounts may read the file '{Path}' of the session store, and this process may not change that: have its owner take their permission away (chmod o-rwx).")]
    private static partial void LogReadableByOthers(ILogger logger, string path);

    [LoggerMessage(EventId = 1009, EventName = "SqliteLogNotSaved", Level = LogLevel.Critical,
        Message = "The write-ahead log of '{Path}', which was removed or replaced, could not be moved into the database file: what was acknowledged lately is lost.")]
    private static partial void LogNotSaved(ILogger logger, Exception error, string path);
}
