using Microsoft.Extensions.Logging;

namespace ServerSession;

internal sealed partial class ShieldKeyRefresher
{
    [LoggerMessage(2101, LogLevel.Warning, "The shield keys cannot be read from the cluster; trying again every second.", EventName = "ShieldKeysUnread")]
    private partial void LogReadFailed(Exception exception);
}
