using Microsoft.Extensions.Logging;

namespace ServerSession.AspNetCore;

/// <summary>What a request's session logs. No parameter is a token, a key or a value.</summary>
internal static partial class SessionLog
{
    [LoggerMessage(2001, LogLevel.Warning, "A request goes on without its session, which cannot be reached.", EventName = "SessionDegraded")]
    public static partial void Degraded(ILogger logger, Exception exception);

    [LoggerMessage(2002, LogLevel.Warning, "A response was replaced by status {Status}: the session's changes were not committed.", EventName = "ResponseRefused")]
    public static partial void Refused(ILogger logger, int status, Exception exception);

    [LoggerMessage(2003, LogLevel.Debug, "An exception after a refused response is dropped.", EventName = "ExceptionAfterRefusal")]
    public static partial void AfterRefusal(ILogger logger, Exception exception);

    [LoggerMessage(2004, LogLevel.Error, "A response started before its session's changes were committed; it is aborted.", EventName = "ResponseAborted")]
    public static partial void Aborted(ILogger logger, Exception exception);

    [LoggerMessage(2005, LogLevel.Debug, "Session {Id}, whose create was not answered, could not be ended; it expires by itself.", EventName = "AbandonedSessionLeft")]
    public static partial void AbandonedLeft(ILogger logger, SessionId id, Exception exception);
}
