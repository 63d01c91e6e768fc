using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace ServerSession.WebHost;

/// <summary>
/// The two pages and what they load, from memory. The pages carry nothing of the session: a script reads it when the page is shown, so a browser may preload or
/// keep them as it likes and still never shows a stale quote.
/// </summary>
internal static class PageRoutes
{
    private const string PreloadRules = "/assets/preload.json";

    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        Map(routes, "/", "quote.html", "text/html; charset=utf-8");
        Map(routes, "/manage", "manage.html", "text/html; charset=utf-8", static headers => headers["Speculation-Rules"] = $"\"{PreloadRules}\"");
        Map(routes, "/assets/site.css", "site.css", "text/css; charset=utf-8");
        Map(routes, "/assets/quote.js", "quote.js", "text/javascript; charset=utf-8");
        Map(routes, "/assets/manage.js", "manage.js", "text/javascript; charset=utf-8");
        Map(routes, "/assets/session.js", "session.js", "text/javascript; charset=utf-8");
        Map(routes, "/assets/icon.svg", "icon.svg", "image/svg+xml");
        Map(routes, PreloadRules, "preload.json", "application/speculationrules+json");
    }

    private static void Map(IEndpointRouteBuilder routes, string pattern, string name, string contentType, Action<IHeaderDictionary>? addHeaders = null)
    {
        var content = Read(name);
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}\"");
        routes.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "no-cache";
            addHeaders?.Invoke(context.Response.Headers);
            return Results.Bytes(content, contentType, entityTag: tag);
        });
    }

    private static byte[] Read(string name)
    {
        using var stream = typeof(PageRoutes).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The page {name} is not embedded in this assembly.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
