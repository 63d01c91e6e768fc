using Microsoft.Extensions.DependencyInjection;
using ServerSession;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts sessions into the pipeline and onto endpoints.</summary>
public static class ServerSessionApplicationBuilderExtensions
{
    /// <summary>
    /// Gives every later middleware and endpoint its <see cref="IServerSession"/>. Put it after routing, and before authentication and
    /// whatever else uses the session.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// <c>AddServerSession</c> was not called. When the pipeline is built: <c>UseRouting</c> stands after this call, although endpoints say
    /// when their session is loaded.
    /// </exception>
    public static IApplicationBuilder UseServerSession(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var services = app.ApplicationServices;
        if (services.GetService<IServiceProviderIsService>()?.IsService(typeof(SessionServices)) == false)
        {
            throw new InvalidOperationException("UseServerSession needs the session services: call builder.Services.AddServerSession() first.");
        }

        RoutingOrder.RefuseLateRouting(app);
        return services.GetService<SessionAdapterMarker>() is { } adapter
            ? app.UseMiddleware<ServerSessionMiddleware>(adapter)
            : app.UseMiddleware<ServerSessionMiddleware>();
    }

    /// <summary>Says when the session of these endpoints is loaded.</summary>
    public static TBuilder WithSessionLoad<TBuilder>(this TBuilder builder, SessionLoadTime when)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(new SessionLoadAttribute(when)));
        return builder;
    }
}
