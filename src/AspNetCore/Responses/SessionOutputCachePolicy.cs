using Microsoft.AspNetCore.OutputCaching;

namespace ServerSession.AspNetCore;

/// <summary>
/// Keeps what depended on a session out of the output cache where the session was used before the output cache's middleware was reached, so
/// that there was nothing yet to forbid it with.
/// </summary>
internal sealed class SessionOutputCachePolicy : IOutputCachePolicy
{
    public ValueTask CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation) => default;

    public ValueTask ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation) => default;

    public ValueTask ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        if (context.HttpContext.Features.Get<ServerSessionFeature>() is { Session.Response.IsUsed: true })
        {
            context.AllowCacheStorage = false;
        }

        return default;
    }
}
