using Microsoft.AspNetCore.Authentication;

namespace ServerSession;

/// <summary>How the authentication tickets of one cookie scheme are kept.</summary>
public sealed class ServerSessionTicketOptions
{
    /// <summary>
    /// How long a ticket with sliding expiration lives after sign-in, however often it is used (OWASP ASVS 5.0, 7.3.2). Where the ticket's own time
    /// span is longer, that counts. A ticket without sliding expiration ends at its <see cref="AuthenticationProperties.ExpiresUtc"/>.
    /// </summary>
    /// <value>From one second to 365 days; 30 days by default.</value>
    public TimeSpan AbsoluteLifetime { get; set; } = TimeSpan.FromDays(30);
}
