using Microsoft.Extensions.Logging;

namespace ServerSession.AspNetCore;

internal sealed partial class ResponseWarnings
{
    [LoggerMessage(2031, LogLevel.Warning,
        "The application set Cache-Control to \"{CacheControl}\" on an answer that hands out or expires a session token ({Endpoint}). It was sent as no-store, because a cache "
        + "would give one user's token to others. Do not let answers be cached that start, renew, rotate or destroy a session. This is said once.",
        EventName = "StorableTokenAnswer")]
    private static partial void LogStorable(ILogger logger, string cacheControl, string endpoint);

    [LoggerMessage(2032, LogLevel.Warning,
        "The session cookie {Cookie} is Secure, but a request for it came over plain http: browsers drop it, and nothing is remembered. Serve https; behind a proxy that ends TLS, "
        + "call app.UseForwardedHeaders() before app.UseServerSession() and trust that proxy; to do without https, set ServerSession:Cookie:SecurePolicy to SameAsRequest. This is said once.",
        EventName = "SecureCookieOverHttp")]
    private static partial void LogPlainHttp(ILogger logger, string cookie);

    [LoggerMessage(2033, LogLevel.Warning,
        "A request came to the host {Host}, which is outside ServerSession:Cookie:Domain ({Domain}): browsers drop the session cookie there. "
        + "Serve the application below that domain, or change or remove ServerSession:Cookie:Domain. This is said once.",
        EventName = "HostOutsideCookieDomain")]
    private static partial void LogOutsideDomain(ILogger logger, string host, string domain);

    [LoggerMessage(2034, LogLevel.Warning,
        "The session cookie {Cookie} did not reach the answer as the session wrote it: something behind Response.Cookies, such as CookiePolicyOptions.OnAppendCookie, "
        + "dropped or changed it, so the session will not be found again. Leave this cookie's name and value as they are. This is said once.",
        EventName = "SessionCookieChanged")]
    private static partial void LogChanged(ILogger logger, string cookie);

    [LoggerMessage(2035, LogLevel.Debug,
        "The session cookie {Cookie} was held back, because the user has not consented and ServerSession:Cookie:IsEssential is false.", EventName = "SessionCookieWithheld")]
    private static partial void LogWithheld(ILogger logger, string cookie);

    [LoggerMessage(2036, LogLevel.Warning,
        "A request from another site, without a session cookie, started a session ({Endpoint}). Browsers hold SameSite cookies back there, so the new cookie replaces the one of a user who has a "
        + "session. Answer such a request with 303 and write in the GET that follows; to refuse the write, set ServerSession:CrossSiteStart to Refuse. This is said once.",
        EventName = "CrossSiteSessionStart")]
    private static partial void LogCrossSiteStart(ILogger logger, string endpoint);
}
