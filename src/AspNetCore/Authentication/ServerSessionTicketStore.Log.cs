using Microsoft.Extensions.Logging;

namespace ServerSession.AspNetCore;

internal sealed partial class ServerSessionTicketStore
{
    [LoggerMessage(2301, LogLevel.Warning, "The authentication ticket in session {Id} cannot be read; its user has to sign in again.", EventName = "TicketUnreadable")]
    private partial void LogUnreadable(SessionId id);

    [LoggerMessage(2302, LogLevel.Debug, "An authentication ticket that has ended was to be renewed; it stays ended.", EventName = "TicketRenewalIgnored")]
    private partial void LogRenewedGone();

    [LoggerMessage(2303, LogLevel.Warning, "An authentication ticket could not be renewed; the next request tries again.", EventName = "TicketNotRenewed")]
    private partial void LogNotRenewed(Exception exception);
}
