using Microsoft.Extensions.Logging;

namespace ServerSession.Storage;

internal sealed partial class SqliteFiles
{
    [LoggerMessage(EventId = 1, EventName = "SqliteOpened", Level = LogLevel.Information,
        Message = "Opened the session store '{Path}' in {Duration}")]
    private partial void LogOpened(string path, TimeSpan duration);

    [LoggerMessage(EventId = 2, EventName = "SqliteWaiting", Level = LogLevel.Warning,
        Message = "Another process owns the session store '{Path}'; waiting up to {Timeout} for it to let go")]
    private partial void LogWaiting(string path, TimeSpan timeout);

    [LoggerMessage(EventId = 3, EventName = "SqliteClosed", Level = LogLevel.Information,
        Message = "Closed the session store '{Path}'")]
    private partial void LogClosed(string path);
}
