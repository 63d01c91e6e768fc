using Microsoft.AspNetCore.Http;

namespace ServerSession.AspNetCore;

/// <summary>The headers of a response whose request used its session: the token, and who may store the response.</summary>
internal static class SessionHeaders
{
    /// <summary>Writes them as the response starts. Only tokens whose session the session grain has acknowledged are handed out.</summary>
    public static void Write(HttpContext context, SessionConnection connection, SessionServices services)
    {
        var renews = RenewsCookie(connection);
        if (connection.Issued is { } issued)
        {
            HandOut(context, issued, connection.Brought.Transport, services);
        }
        else if (connection.Destroyed)
        {
            if (connection.Brought.Transport == TokenTransport.Cookie)
            {
                services.Cookie.Expire(context);
            }
        }
        else if (renews)
        {
            HandOut(context, connection.Token!, TokenTransport.Cookie, services);
        }

        if (connection.Destroyed && context.Response.Headers["Clear-Site-Data"].Count == 0)
        {
            context.Response.Headers["Clear-Site-Data"] = "\"cache\", \"prefetchCache\", \"prerenderCache\"";
        }

        if (SendsToken(connection, renews))
        {
            CacheRules.ApplyToToken(context, services.VaryHeaders, services.Warnings);
            NoStoreResponse.Install(context, services.Warnings);
        }
        else if (!CacheRules.AreIntact(context.Response.Headers, services.VaryHeaders))
        {
            CacheRules.Apply(context, services.VaryHeaders);
        }
    }

    /// <summary>Applies the cache rules before the response starts, for caches in this process that look at its headers on the way.</summary>
    public static void ApplyCacheRules(HttpContext context, SessionConnection connection, SessionServices services)
    {
        if (SendsToken(connection, RenewsCookie(connection)))
        {
            CacheRules.ApplyToToken(context, services.VaryHeaders, services.Warnings);
        }
        else
        {
            CacheRules.Apply(context, services.VaryHeaders);
        }
    }

    /// <summary>Whether the response hands out, renews or expires a token, as far as is known yet.</summary>
    private static bool SendsToken(SessionConnection connection, bool renewsCookie) => connection.Issued is not null || connection.Destroyed || renewsCookie;

    /// <summary>Whether the response writes the request's persistent cookie again. A preload is no use of the session.</summary>
    private static bool RenewsCookie(SessionConnection connection) => connection.Status == SessionStatus.Live && connection.Brought.IsRenewalDue;

    private static void HandOut(HttpContext context, VerifiedToken token, TokenTransport transport, SessionServices services)
    {
        var now = services.Time.GetUtcNow();
        var text = token.Token.Encode(services.Keys.Current!.SigningKey(now));
        if (transport == TokenTransport.Header)
        {
            context.Response.Headers[services.Options.Header!] = text;
        }
        else
        {
            services.Cookie.Issue(context, text, now);
        }
    }
}
