using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace ServerSession.AspNetCore;

/// <summary>How long the session of a ticket lives.</summary>
internal static class TicketTerms
{
    /// <summary>The times of a ticket; where the ticket sets none, those of the scheme.</summary>
    public static TicketTimes TimesOf(AuthenticationTicket ticket, CookieAuthenticationOptions options, DateTimeOffset now)
    {
        var issued = ticket.Properties.IssuedUtc ?? now;
        var expires = ticket.Properties.ExpiresUtc ?? issued + options.ExpireTimeSpan;
        return new TicketTimes(issued, expires, options.SlidingExpiration && ticket.Properties.AllowRefresh != false);
    }

    /// <summary>
    /// The terms for those times. With sliding expiration the time span is the idle timeout, so that each request moves the deadline without a write;
    /// without it the session ends when the ticket does.
    /// </summary>
    public static SessionTerms Of(in TicketTimes times, TimeSpan absoluteLifetime, DateTimeOffset createdAt)
    {
        var lifetime = Clamp(times.IsSliding ? Longer(absoluteLifetime, times.Span) : times.Expires - createdAt);
        var idle = times.IsSliding ? Clamp(times.Span) : lifetime;
        return new SessionTerms { IdleTimeout = idle < lifetime ? idle : lifetime, AbsoluteLifetime = lifetime };
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Clamp(TimeSpan time) => time < SessionTerms.MinimumTime ? SessionTerms.MinimumTime : time > SessionTerms.MaximumTime ? SessionTerms.MaximumTime : time;
}
