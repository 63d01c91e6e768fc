using Microsoft.Extensions.Logging;

namespace ServerSession.AspNetCore;

internal sealed partial class KeyRingLoader
{
    [LoggerMessage(2402, LogLevel.Warning, "The Data Protection keys cannot be read from the session cluster; trying again every second.", EventName = "DataProtectionKeysUnread")]
    private partial void LogUnreadable();

    [LoggerMessage(2403, LogLevel.Warning, "Data Protection could not load its keys; it tries again with the next request that needs them.", EventName = "DataProtectionKeysNotLoaded")]
    private partial void LogNotLoaded(Exception exception);
}
