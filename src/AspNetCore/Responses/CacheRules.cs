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

    public static void Apply(HttpContext context, TokenTransport transport, string? headerName)
    {
        var headers = context.Response.Headers;
        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = NoStore;
        }

        var carrier = transport == TokenTransport.Header && headerName is not null ? headerName : HeaderNames.Cookie;
        if (headers.Vary.Count == 0)
        {
            headers.Vary = carrier;
        }
        else if (!headers.Vary.ToString().Contains(carrier, StringComparison.OrdinalIgnoreCase))
        {
            headers.Append(HeaderNames.Vary, carrier);
        }

        if (context.Features.Get<IOutputCacheFeature>() is { } cache)
        {
            cache.Context.AllowCacheStorage = false;
        }
    }
}
