using Microsoft.Extensions.Logging;

namespace ServerSession.AspNetCore;

internal sealed partial class SigningKeyRefresher
{
    [LoggerMessage(2101, LogLevel.Warning, "The signing keys cannot be read from the cluster; trying again until it succeeds.", EventName = "SigningKeysUnread")]
    private partial void LogReadFailed(Exception exception);
}
