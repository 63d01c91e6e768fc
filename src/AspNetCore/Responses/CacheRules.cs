using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace ServerSession.AspNetCore;

/// <summary>
/// A response that depended on the session is nobody else's: no-store unless the application says otherwise, varying by what carries the
/// token in any case, and never in the output cache, which does not look at the response's Cache-Control. A response that hands out or
/// expires a token is no-store whatever the application says.
/// </summary>
internal static class CacheRules
{
    private const string NoStore = "no-store";

    /// <summary>Headers by which some caches are told to store what Cache-Control forbids; those that end with -Cache-Control (RFC 9213) besides.</summary>
    private static readonly string[] Targeted = ["Surrogate-Control", "X-Accel-Expires", "Edge-Control"];

    /// <param name="context">The request.</param>
    /// <param name="varyHeaders">The request headers that can carry a token, as Vary lists them.</param>
    public static void Apply(HttpContext context, string varyHeaders)
    {
        ForbidOutputCache(context);
        if (context.Response.HasStarted)
        {
            return;
        }

        var headers = context.Response.Headers;
        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = NoStore;
        }

        Vary(headers, varyHeaders);
    }

    /// <summary>Whether the rules stand as <see cref="Apply"/> left them where the application said nothing: then applying them again changes nothing.</summary>
    public static bool AreIntact(IHeaderDictionary headers, string varyHeaders) =>
        headers.CacheControl is [NoStore] && headers.Vary is [{ } vary] && ReferenceEquals(vary, varyHeaders);

    /// <summary>Keeps a response with a token out of every cache.</summary>
    /// <param name="context">The request.</param>
    /// <param name="varyHeaders">The request headers that can carry a token, as Vary lists them.</param>
    /// <param name="warnings">Told where the application wanted the response stored.</param>
    public static void ApplyToToken(HttpContext context, string varyHeaders, ResponseWarnings warnings)
    {
        ForbidOutputCache(context);
        if (context.Response.HasStarted)
        {
            return;
        }

        var headers = context.Response.Headers;
        Vary(headers, varyHeaders);
        if (!Forbids(headers.CacheControl))
        {
            if (headers.CacheControl.Count > 0)
            {
                warnings.StorableAnswer(context, headers.CacheControl.ToString());
            }

            headers.CacheControl = NoStore;
            headers.Expires = default;
        }

        foreach (var name in headers.Keys.Where(IsTargeted).ToArray())
        {
            headers.Remove(name);
        }
    }

    /// <summary>Whether a header tells some caches what to do, past Cache-Control.</summary>
    public static bool IsTargeted(string name) =>
        name.EndsWith("-Cache-Control", StringComparison.OrdinalIgnoreCase) || Targeted.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether a value forbids every cache to store. An extension may take no-store back (must-understand, RFC 9111 section 5.2.2.3), and
    /// some caches take "public" for the stronger word.
    /// </summary>
    public static bool Forbids(StringValues cacheControl) =>
        (cacheControl.Count == 1 && cacheControl[0] == NoStore)
        || (CacheControlHeaderValue.TryParse(cacheControl.ToString(), out var value)
            && value is { NoStore: true, Public: false, SharedMaxAge: null } && value.Extensions.Count == 0);

    private static void ForbidOutputCache(HttpContext context)
    {
        if (context.Features.Get<IOutputCacheFeature>() is { } cache)
        {
            cache.Context.AllowCacheStorage = false;
        }
    }

    private static void Vary(IHeaderDictionary headers, string varyHeaders)
    {
        var vary = headers.Vary;
        if (vary.Count == 0)
        {
            headers.Vary = varyHeaders;
        }
        else if (!ReferenceEquals(vary[0], varyHeaders) && !vary.ToString().Contains(varyHeaders, StringComparison.OrdinalIgnoreCase))
        {
            headers.Append(HeaderNames.Vary, varyHeaders);
        }
    }
}
