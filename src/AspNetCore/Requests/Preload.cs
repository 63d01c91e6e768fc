using Microsoft.AspNetCore.Http;

namespace ServerSession;

/// <summary>Whether a request is a prefetch or prerender: nobody has gone there yet.</summary>
internal static class Preload
{
    public static bool Is(HttpRequest request)
    {
        var headers = request.Headers;
        return Says(headers["Sec-Purpose"].ToString()) || Says(headers["Purpose"].ToString()) || Says(headers["X-Moz"].ToString());
    }

    private static bool Says(string value) => value.Contains("prefetch", StringComparison.OrdinalIgnoreCase) || value.Contains("prerender", StringComparison.OrdinalIgnoreCase);
}
