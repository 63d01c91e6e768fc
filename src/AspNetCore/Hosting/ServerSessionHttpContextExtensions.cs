using ServerSession;
using ServerSession.AspNetCore;

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

    /// <summary>
    /// Follows the session of this request beyond it: for a WebSocket, a stream of events, a job that has to stop when the user is gone. What is
    /// buffered is committed first. The request itself is an access of the session like any other; <c>WithSessionPeek</c> makes it none.
    /// </summary>
    /// <returns>The session, to be disposed of by the caller; null where there is none.</returns>
    /// <exception cref="InvalidOperationException"><c>UseServerSession</c> does not stand before the caller in the pipeline.</exception>
    /// <exception cref="SessionUnavailableException">The session cannot be reached.</exception>
    public static ValueTask<ISessionFollower?> FollowSessionAsync(this HttpContext context, CancellationToken cancellationToken = default) =>
        ((RequestSession)context.GetServerSession()).FollowAsync(cancellationToken);
}
