namespace ServerSession.WebHost;

/// <summary>
/// Refuses state-changing requests that another site made a browser send. A browser says where a request comes from in
/// <c>Sec-Fetch-Site</c>, or in <c>Origin</c> where it is older; a client that sends neither is no browser and carries only cookies it was given.
/// </summary>
internal static class SameSiteOnly
{
    public static void UseSameSiteOnly(this WebApplication app) => app.Use(static (context, next) =>
        IsRead(context.Request.Method) || IsAllowed(context.Request) ? next(context) : Problem.CrossSite().ExecuteAsync(context));

    private static bool IsRead(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private static bool IsAllowed(HttpRequest request)
    {
        if (request.Headers.TryGetValue("Sec-Fetch-Site", out var site))
        {
            // "same-site" is refused too: a neighbouring subdomain is another application.
            return site.Count == 1 && site[0] is "same-origin" or "none";
        }

        if (!request.Headers.TryGetValue("Origin", out var origin))
        {
            return true;
        }

        // Only host and port are compared: behind a proxy that ends TLS the scheme here is not the browser's.
        return Uri.TryCreate(origin.ToString(), UriKind.Absolute, out var uri)
            && uri.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }
}
