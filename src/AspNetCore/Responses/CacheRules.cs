using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Net.Http.Headers;

namespace ServerSession;

/// <summary>
/// A response that depended on the session is nobody else's: no-store unless the application says otherwise, varying by what carries the
/// token in any case, and never in the output cache, which does not look at the response's Cache-Control.
/// </summary>
internal static class CacheRules
{
    private const string NoStore = "no-store";

    /// <param name="context">The request.</param>
    /// <param name="carriers">The request headers that can carry a token, as Vary lists them.</param>
    public static void Apply(HttpContext context, string carriers)
    {
        if (context.Features.Find<IOutputCacheFeature>() is { } cache)
        {
            cache.Context.AllowCacheStorage = false;
        }

        if (context.Response.HasStarted)
        {
            return;
        }

        var headers = context.Response.Headers;
        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = NoStore;
        }

        var vary = headers.Vary;
        if (vary.Count == 0)
        {
            headers.Vary = carriers;
        }
        else if (!ReferenceEquals(vary[0], carriers) && !vary.ToString().Contains(carriers, StringComparison.OrdinalIgnoreCase))
        {
            headers.Append(HeaderNames.Vary, carriers);
        }
    }
}
