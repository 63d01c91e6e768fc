using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ServerSession.AspNetCore;

/// <summary>What answers show to be wrong with the application or its surroundings. Each is said once per process: the next answer has it too.</summary>
internal sealed partial class ResponseWarnings(ILogger logger)
{
    private const int Storable = 1;
    private const int Http = 2;
    private const int Domain = 4;
    private const int Changed = 8;
    private const int CrossSite = 16;

    private int _given;

    /// <summary>An answer with a token was to be stored by caches.</summary>
    public void StorableAnswer(HttpContext context, string cacheControl)
    {
        if (IsFirst(Storable))
        {
            LogStorable(logger, cacheControl, context.GetEndpoint()?.DisplayName ?? "no endpoint");
        }
    }

    /// <summary>A Secure cookie was written for a request that came over http.</summary>
    public void PlainHttp(string cookie)
    {
        if (IsFirst(Http))
        {
            LogPlainHttp(logger, cookie);
        }
    }

    /// <summary>A cookie with a domain was written for a host outside of it.</summary>
    public void HostOutsideDomain(string host, string domain)
    {
        if (IsFirst(Domain))
        {
            LogOutsideDomain(logger, host, domain);
        }
    }

    /// <summary>The cookie is not in the answer as it was written.</summary>
    public void CookieChanged(string cookie)
    {
        if (IsFirst(Changed))
        {
            LogChanged(logger, cookie);
        }
    }

    /// <summary>A request from another site, without a token, starts a session.</summary>
    public void CrossSiteStart(HttpContext context)
    {
        if (IsFirst(CrossSite))
        {
            LogCrossSiteStart(logger, context.GetEndpoint()?.DisplayName ?? "no endpoint");
        }
    }

    /// <summary>The cookie policy held the cookie back, as the options allow.</summary>
    public void CookieWithheld(string cookie) => LogWithheld(logger, cookie);

    private bool IsFirst(int warning) => (Volatile.Read(ref _given) & warning) == 0 && (Interlocked.Or(ref _given, warning) & warning) == 0;
}
