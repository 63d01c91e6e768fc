using Microsoft.AspNetCore.Http;

namespace ServerSession;

/// <summary>Whether a request is a prefetch or prerender: nobody has gone there yet.</summary>
internal static class PreloadRequest
{
    public static bool IsPreload(HttpRequest request)
    {
        var headers = request.Headers;
        return Mentions(headers["Sec-Purpose"].ToString()) || Mentions(headers["Purpose"].ToString()) || Mentions(headers["X-Moz"].ToString());
    }

    private static bool Mentions(string value) => value.Contains("prefetch", StringComparison.OrdinalIgnoreCase) || value.Contains("prerender", StringComparison.OrdinalIgnoreCase);
}
