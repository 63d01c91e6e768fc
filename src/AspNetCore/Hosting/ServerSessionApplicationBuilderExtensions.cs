using Microsoft.Extensions.DependencyInjection;
using ServerSession;
using ServerSession.AspNetCore;

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

    /// <summary>
    /// Requests to these endpoints do not extend the session, or the ticket, that they read (a change does, as always): for streams and polls that a page makes without its
    /// user, which would otherwise keep the session alive after the user has left.
    /// </summary>
    public static TBuilder WithSessionPeek<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(static endpoint => endpoint.Metadata.Add(new SessionPeekAttribute()));
        return builder;
    }

    /// <summary>
    /// Lets these endpoints read a session that its grain confirmed to this frontend less long ago, without asking it. The grain tells of changes and
    /// ends, so it is usually much fresher; where it cannot, the bound holds by time. What a request of the same frontend changed is seen in any case,
    /// and changes go to the session as always. It has no effect where the store of the sessions is replaced or decorated.
    /// </summary>
    /// <param name="builder">The endpoints.</param>
    /// <param name="maxStaleness">How old the session may be, from one millisecond to one minute.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxStaleness"/> is outside of that.</exception>
    public static TBuilder WithSessionMaxStaleness<TBuilder>(this TBuilder builder, TimeSpan maxStaleness)
        where TBuilder : IEndpointConventionBuilder
    {
        var metadata = new SessionMaxStalenessAttribute(maxStaleness.TotalSeconds);
        builder.Add(endpoint => endpoint.Metadata.Add(metadata));
        return builder;
    }

    /// <summary>
    /// Ends the requests of these endpoints when their session ends, wherever that happens: a WebSocket is closed with status 1008 (policy
    /// violation), any other request, such as a stream of events, sees <c>HttpContext.RequestAborted</c> fire. What has not ended five seconds later
    /// is aborted. The session is opened before the endpoint runs; a request without one is left alone. For SignalR use
    /// <c>AddSignalR(options => options.EndWithSession())</c>, which knows connections beyond one request.
    /// </summary>
    /// <param name="builder">The endpoints.</param>
    /// <param name="countActivity">
    /// Whether each message that a WebSocket receives counts as use of the session (<see cref="ISessionFollower.CountActivity"/>). By default the
    /// connection extends nothing once it is made.
    /// </param>
    public static TBuilder EndWithSession<TBuilder>(this TBuilder builder, bool countActivity = false)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint =>
        {
            endpoint.Metadata.Add(new EndWithSessionMetadata());
            if (endpoint.RequestDelegate is { } next)
            {
                endpoint.RequestDelegate = new EndWithSessionHandler(next, countActivity).InvokeAsync;
            }
        });
        return builder;
    }
}
