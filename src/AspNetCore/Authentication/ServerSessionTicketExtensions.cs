using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ServerSession;
using ServerSession.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps the tickets of cookie authentication in sessions.</summary>
public static class ServerSessionTicketExtensions
{
    /// <summary>
    /// Keeps the authentication tickets of a cookie scheme where the sessions are kept, instead of in the cookie: the cookie gets small, a sign-out or
    /// an administrator ends a ticket everywhere at once, and it never comes back.
    /// </summary>
    /// <remarks>
    /// Each ticket is a separate session, apart from the <see cref="IServerSession"/> of its request. With sliding expiration the session's idle
    /// timeout is the ticket's time span, and <see cref="ServerSessionTicketOptions.AbsoluteLifetime"/> ends it at last. A sign-in gives a new key, also
    /// to a user who was signed in. A ticket is limited by <see cref="SessionLimits.ValueBytes"/>. While the cluster cannot be reached, authentication throws
    /// <see cref="SessionUnavailableException"/>, which <c>UseServerSession</c> before <c>UseAuthentication</c> answers with 503. The cookie is
    /// protected by Data Protection, so several frontends share its keys: see <c>PersistKeysToServerSession</c>.
    /// </remarks>
    /// <param name="builder">What <c>AddServerSession</c> returned.</param>
    /// <param name="scheme">The cookie scheme; <c>Cookies</c> by default, <c>Identity.Application</c> with ASP.NET Core Identity.</param>
    /// <param name="configure">Changes how its tickets are kept.</param>
    public static IServerSessionBuilder AddTickets(
        this IServerSessionBuilder builder, string scheme = CookieAuthenticationDefaults.AuthenticationScheme, Action<ServerSessionTicketOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(scheme);
        var services = builder.Services;
        if (configure is not null)
        {
            services.Configure(scheme, configure);
        }

        if (!services.Any(service => service.ImplementationInstance is TicketScheme present && present.Name == scheme))
        {
            services.AddSingleton(new TicketScheme(scheme));
        }

        services.TryAddSingleton<TicketSessions>();
        services.TryAddSingleton<TicketSubjects>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<CookieAuthenticationOptions>, TicketCookieSetup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ServerSessionOptions>, TicketSchemeValidator>());
        return builder;
    }

    /// <summary>
    /// The public id of the session that holds the ticket of this request's user, once authentication has read it or a sign-in has stored it: for
    /// <c>IServerSessionSubjects</c>, to mark or to keep the present one. Null where there is none.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="scheme">The cookie scheme.</param>
    public static SessionId? GetTicketSessionId(this HttpContext context, string scheme = CookieAuthenticationDefaults.AuthenticationScheme) =>
        StoreOf(context, scheme) is { } store ? TicketRequest.Find(context, store)?.SessionId : null;

    /// <summary>
    /// Follows the ticket of this request's user beyond the request, once authentication has read it: for a page that says at once that its user was signed out
    /// elsewhere, and for streams and sockets that end with the ticket. <c>WithSessionPeek</c> makes the request extend no ticket.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="scheme">The cookie scheme.</param>
    /// <returns>The session that holds the ticket, to be disposed of by the caller; null where the request brought no ticket that lives.</returns>
    /// <exception cref="SessionUnavailableException">The cluster's signing keys cannot be read.</exception>
    public static ValueTask<ISessionFollower?> FollowTicketAsync(this HttpContext context, string scheme = CookieAuthenticationDefaults.AuthenticationScheme) =>
        StoreOf(context, scheme) is ServerSessionTicketStore store ? store.FollowAsync(context) : default;

    private static ITicketStore? StoreOf(HttpContext context, string scheme)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.RequestServices.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(scheme).SessionStore;
    }
}
