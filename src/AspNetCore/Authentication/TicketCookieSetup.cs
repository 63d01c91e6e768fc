using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ServerSession.AspNetCore;

/// <summary>Gives a cookie scheme its ticket store, once its other options are set.</summary>
internal sealed class TicketCookieSetup(
    IEnumerable<TicketScheme> schemes, TicketSessions sessions, TicketSubjects subjects, IOptionsMonitor<ServerSessionTicketOptions> tickets, ILogger<ServerSessionTicketStore> logger)
    : IPostConfigureOptions<CookieAuthenticationOptions>
{
    public void PostConfigure(string? name, CookieAuthenticationOptions options)
    {
        if (name is null || !schemes.Any(scheme => scheme.Name == name))
        {
            return;
        }

        var store = new ServerSessionTicketStore(sessions, subjects, options, tickets.Get(name), logger);
        options.SessionStore = store;
        options.Events = new TicketEvents(options.Events, options.EventsType, store);
        options.EventsType = null;
        options.CookieManager = new TicketCookieManager(options.CookieManager ?? new ChunkingCookieManager(), options, store);
    }
}

/// <summary>A cookie scheme whose tickets are kept in sessions.</summary>
internal sealed record TicketScheme(string Name);
