using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

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

    /// <summary>
    /// Names the user of a principal, so that the user's tickets can be listed and ended. Null leaves a ticket unbound: it can then be ended by its own
    /// sign-out only. The name is not stored in clear.
    /// </summary>
    /// <value>By default the claim <see cref="ClaimTypes.NameIdentifier"/>, or else <c>sub</c>.</value>
    public Func<ClaimsPrincipal, string?> Subject { get; set; } = static principal =>
        principal.FindFirst(ClaimTypes.NameIdentifier)?.Value ?? principal.FindFirst("sub")?.Value;

    /// <summary>Describes a ticket in the list of its user's sessions, for example by the user agent.</summary>
    /// <value>None by default: nothing about the user's device is stored.</value>
    public Func<HttpContext, string?>? Label { get; set; }
}
