using Microsoft.Extensions.Logging;

namespace ServerSession.Grains;

internal sealed partial class SessionStorage
{
    /// <summary>At Debug, because the providers log their failures themselves; this says which of them met the sessions.</summary>
    [LoggerMessage(EventId = 5501, EventName = "SessionStorageFailed", Level = LogLevel.Debug, Message = "The session storage failed to {Operation}.")]
    private partial void LogFailed(StorageOperation operation, Exception exception);
}
