using Microsoft.AspNetCore.Http;

namespace ServerSession.AspNetCore;

/// <summary>Requests that another site made a browser send (Fetch Metadata), where they would start a session.</summary>
internal static class CrossSiteRequest
{
    /// <summary>Refuses or notes the start of a session by a request that brought no token.</summary>
    /// <exception cref="SessionCrossSiteException">The options refuse it.</exception>
    public static void CheckStart(HttpRequest request, SessionServices services)
    {
        if (!Is(request))
        {
            return;
        }

        if (services.Options.CrossSiteStart == CrossSiteStartPolicy.Refuse)
        {
            throw new SessionCrossSiteException();
        }

        if (!WouldBringCookie(request, services.Options.Cookie.SameSite))
        {
            services.Warnings.CrossSiteStart(request.HttpContext);
        }
    }

    /// <summary>A repeated header is no browser's: what of it says cross-site counts.</summary>
    private static bool Is(HttpRequest request)
    {
        foreach (var site in request.Headers["Sec-Fetch-Site"])
        {
            if (site is not null && site.AsSpan().Trim().Equals("cross-site", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the browser would have sent the cookie if it had one; then a new session replaces nothing.</summary>
    private static bool WouldBringCookie(HttpRequest request, SameSiteMode sameSite) =>
        sameSite == SameSiteMode.None
        || (sameSite != SameSiteMode.Strict && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && request.Headers["Sec-Fetch-Mode"] == "navigate");
}
