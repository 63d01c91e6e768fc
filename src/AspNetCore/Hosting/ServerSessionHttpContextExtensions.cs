using ServerSession;

namespace Microsoft.AspNetCore.Http;

/// <summary>Gets the session of a request.</summary>
public static class ServerSessionHttpContextExtensions
{
    /// <summary>The session of this request. Nothing happens until it is used.</summary>
    /// <exception cref="InvalidOperationException"><c>UseServerSession</c> does not stand before the caller in the pipeline.</exception>
    public static IServerSession GetServerSession(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var feature = context.Features.Get<ServerSessionFeature>()
            ?? LongPollingHub.FeatureOf(context)
            ?? throw new InvalidOperationException("This request has no session: call app.UseServerSession() before whatever uses it.");
        return feature.GetOrCreate();
    }
}
