using Microsoft.Extensions.Logging;

namespace ServerSession.Storage;

internal sealed partial class SqliteFiles
{
    [LoggerMessage(EventId = 1001, EventName = "SqliteOpened", Level = LogLevel.Information,
        Message = "Opened the session store '{Path}' in {Duration}.")]
    private partial void LogOpened(string path, TimeSpan duration);

    [LoggerMessage(EventId = 1002, EventName = "SqliteWaiting", Level = LogLevel.Warning,
        Message = "Another process owns the session store '{Path}'; waiting up to {Timeout} for it to let go.")]
    private partial void LogWaiting(string path, TimeSpan timeout);

    [LoggerMessage(EventId = 1003, EventName = "SqliteClosed", Level = LogLevel.Information,
        Message = "Closed the session store '{Path}'.")]
    private partial void LogClosed(string path);
}
