using Microsoft.Extensions.Logging;

namespace ServerSession.AspNetCore;

internal sealed partial class ServerSessionXmlRepository
{
    [LoggerMessage(2401, LogLevel.Warning, "{Count} element(s) of the Data Protection key ring could not be deleted; delete them again.", EventName = "DataProtectionKeysNotDeleted")]
    private partial void LogNotDeleted(int count, Exception exception);
}
