using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace ServerSession.AspNetCore;

/// <summary>Before routing the middleware cannot know what the endpoint says of its session.</summary>
internal static class RoutingOrder
{
    /// <summary>Where <c>UseRouting</c> leaves what it routes to.</summary>
    private const string Routed = "__EndpointRouteBuilder";

    /// <summary>
    /// Throws when the pipeline is built, where <c>UseRouting</c> was called later than now and an endpoint says something of its session. Costs
    /// a request nothing. An application that does not call <c>UseRouting</c> has its routing before everything.
    /// </summary>
    public static void RefuseLateRouting(IApplicationBuilder app)
    {
        if (app.Properties.ContainsKey(Routed))
        {
            return;
        }

        app.Use(next =>
        {
            if (app.Properties.TryGetValue(Routed, out var routed) && Declared(routed) is { } endpoint)
            {
                throw new InvalidOperationException(
                    $"app.UseServerSession() stands before app.UseRouting(), so that what {endpoint.DisplayName} says with {endpoint.Metadata.GetMetadata<ISessionEndpointMetadata>()!.Name} would be ignored: " +
                    "call app.UseRouting() first.");
            }

            return next;
        });
    }

    private static Microsoft.AspNetCore.Http.Endpoint? Declared(object? routed) => (routed as IEndpointRouteBuilder)?.DataSources
        .SelectMany(static source => source.Endpoints)
        .FirstOrDefault(static endpoint => endpoint.Metadata.GetMetadata<ISessionEndpointMetadata>() is not null);
}
