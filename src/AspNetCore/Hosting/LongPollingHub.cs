using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.AspNetCore;

/// <summary>
/// The HttpContext that SignalR makes for a connection over long polling: a copy of the first poll's request, without the features that a middleware
/// left there, and with a response that is never sent. It lives as long as the connection.
/// </summary>
internal static class LongPollingHub
{
    /// <summary>The session of such a connection, which can be read; null where the HttpContext is another.</summary>
    public static ServerSessionFeature? FeatureOf(HttpContext context)
    {
        if (!IsCopy(context) || context.RequestServices?.GetService<SessionServices>() is not { } services)
        {
            return null;
        }

        // Parallel invocations of a hub may ask at once.
        lock (services.Keys)
        {
            if (context.Features.Get<ServerSessionFeature>() is not { } feature)
            {
                feature = new ServerSessionFeature(context, services) { HasNoResponse = true };
                context.Features.Set(feature);
            }

            return feature;
        }
    }

    private static bool IsCopy(HttpContext context) =>
        context.Features.Get<IHttpResponseBodyFeature>() is { } body
        && ReferenceEquals(body.Stream, Stream.Null)
        && context.GetEndpoint()?.Metadata is { } metadata
        && (metadata.GetMetadata<HubMetadata>() is not null || metadata.GetMetadata<HttpConnectionDispatcherOptions>() is not null);
}
