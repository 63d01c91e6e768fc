using Microsoft.Extensions.Logging;

namespace ServerSession.AspNetCore;

/// <summary>What <c>HttpContext.Session</c> logs. No parameter is a token, a key or a value.</summary>
internal static partial class AdapterLog
{
    [LoggerMessage(2011, LogLevel.Warning, "The TempData of a session cannot be read and is removed: the request goes on with none. Another version or another serializer may have written it.", EventName = "TempDataUnreadable")]
    public static partial void TempDataUnreadable(ILogger logger);
}
