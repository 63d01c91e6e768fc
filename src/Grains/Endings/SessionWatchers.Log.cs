using Microsoft.Extensions.Logging;

namespace ServerSession.Grains;

internal sealed partial class SessionWatchers
{
    [LoggerMessage(EventId = 5601, EventName = "FrontendLost", Level = LogLevel.Information, Message = "A frontend that watches sessions has not answered for {Time}; it is not told any more until it asks again.")]
    private static partial void LogFrontendLost(ILogger logger, Exception exception, TimeSpan time);
}
