using Microsoft.AspNetCore.Http;

namespace ServerSession.AspNetCore;

/// <summary>Runs an endpoint and ends its connection when the session ends. A request without a session runs as it is.</summary>
internal sealed class EndWithSessionHandler(RequestDelegate next, bool countActivity)
{
    public async Task InvokeAsync(HttpContext context)
    {
        await using var follower = await context.FollowSessionAsync(context.RequestAborted);
        if (follower is null)
        {
            await next(context);
            return;
        }

        using var connection = new FollowedConnection(context, follower, countActivity);
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (follower.Ended.IsCancellationRequested)
        {
            // Expected: the endpoint was cancelled because its session ended. What was sent is a complete response.
            if (!context.Response.HasStarted)
            {
                throw SessionReplies.Ended(SessionOutcome.Gone);
            }
        }
    }
}
