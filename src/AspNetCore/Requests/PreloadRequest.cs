using Microsoft.AspNetCore.Http;

namespace ServerSession.AspNetCore;

/// <summary>Recognises prefetch and prerender requests: the user has not navigated yet.</summary>
internal static class PreloadRequest
{
    public static bool IsPreload(HttpRequest request)
    {
        var headers = request.Headers;
        return Mentions(headers["Sec-Purpose"].ToString()) || Mentions(headers["Purpose"].ToString()) || Mentions(headers["X-Moz"].ToString());
    }

    private static bool Mentions(string value) => value.Contains("prefetch", StringComparison.OrdinalIgnoreCase) || value.Contains("prerender", StringComparison.OrdinalIgnoreCase);
}
