namespace ServerSession.WebHost;

/// <summary>
/// Refuses state-changing requests that another site made a browser send. A browser says where a request comes from in
/// <c>Sec-Fetch-Site</c>, or in <c>Origin</c> where it is older; a client that sends neither is no browser and carries only cookies it was given.
/// </summary>
internal static class SameSiteOnly
{
    /// <summary>
    /// Lets no request of another site start a session, a reading one included, where <c>ServerSession:CrossSiteStart</c> does not say
    /// otherwise: nothing here is ever posted by another site.
    /// </summary>
    public static void AddSameSiteOnly(this WebApplicationBuilder builder)
    {
        if (builder.Configuration["ServerSession:CrossSiteStart"] is null or "")
        {
            builder.Services.Configure<ServerSessionOptions>(static options => options.CrossSiteStart = CrossSiteStartPolicy.Refuse);
        }
    }

    public static void UseSameSiteOnly(this WebApplication app) => app.Use(static (context, next) =>
        IsRead(context.Request.Method) || Refusal(context.Request) is not { } refusal ? next(context) : refusal.ExecuteAsync(context));

    private static bool IsRead(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private static IResult? Refusal(HttpRequest request)
    {
        if (request.Headers.TryGetValue("Sec-Fetch-Site", out var site))
        {
            // "same-site" is refused too: a neighbouring subdomain is another application.
            return site.Count == 1 && site[0] is "same-origin" or "none" ? null : Problem.CrossSite();
        }

        if (!request.Headers.TryGetValue("Origin", out var origin))
        {
            return null;
        }

        return origin.Count == 1 && RequestOrigin.IsSame(origin[0]!, request.Host) ? null : Problem.OtherOrigin(origin.ToString(), request.Host);
    }
}
