using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.AspNetCore;

/// <summary>Finds the request that a service scope belongs to.</summary>
internal sealed class CurrentRequest
{
    /// <summary>
    /// The request; null in a scope that belongs to none. It is not the HttpContext, which the server reuses for another request while the scope may still be
    /// there.
    /// </summary>
    public ServerSessionFeature? Feature { get; set; }

    /// <summary>
    /// The session to inject. A scope that the application made itself within a request knows its request only where the application has
    /// added an <see cref="IHttpContextAccessor"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The scope belongs to no request.</exception>
    public static IServerSession SessionOf(IServiceProvider provider)
    {
        if (provider.GetRequiredService<CurrentRequest>().Feature is { } feature)
        {
            return feature.GetOrCreate();
        }

        return provider.GetService<IHttpContextAccessor>()?.HttpContext is { } context
            ? context.GetServerSession()
            : throw new InvalidOperationException(
                "IServerSession belongs to a request, and this service scope belongs to none. Within a request take it from HttpContext.GetServerSession() "
                + "or from HttpContext.RequestServices, after app.UseServerSession(); for scopes of your own call services.AddHttpContextAccessor(). "
                + "Outside of requests use ISessionAdministration.");
    }
}
