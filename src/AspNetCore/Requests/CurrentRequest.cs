using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession;

/// <summary>A service scope's way to the request it belongs to.</summary>
internal sealed class CurrentRequest
{
    /// <summary>The request; null in a scope that is none's.</summary>
    public HttpContext? Context { get; set; }

    /// <summary>
    /// The session to inject. A scope that the application made itself within a request knows its request only where the application has
    /// added an <see cref="IHttpContextAccessor"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The scope belongs to no request.</exception>
    public static IServerSession SessionOf(IServiceProvider provider)
    {
        var context = provider.GetRequiredService<CurrentRequest>().Context ?? provider.GetService<IHttpContextAccessor>()?.HttpContext;
        return context is not null
            ? context.GetServerSession()
            : throw new InvalidOperationException(
                "IServerSession belongs to a request, and this service scope belongs to none. Within a request take it from HttpContext.GetServerSession() "
                + "or from HttpContext.RequestServices, after app.UseServerSession(); for scopes of your own call services.AddHttpContextAccessor(). "
                + "Outside of requests use ISessionAdministration.");
    }
}
