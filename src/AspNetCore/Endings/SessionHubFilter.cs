using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;

namespace ServerSession.AspNetCore;

/// <summary>Follows the session of each hub connection, aborts the connection when the session ends, and counts invocations as use, by option.</summary>
internal sealed class SessionHubFilter(bool countActivity) : IHubFilter
{
    private static readonly object Key = new();

    public async Task OnConnectedAsync(HubLifetimeContext context, Func<HubLifetimeContext, Task> next)
    {
        var connection = context.Context;
        if (connection.GetHttpContext() is not { } request || await request.FollowSessionAsync(connection.ConnectionAborted) is not { } follower)
        {
            await next(context);
            return;
        }

        var followed = new Followed(follower, follower.Ended.UnsafeRegister(static connection => ((HubCallerContext)connection!).Abort(), connection));
        connection.Items[Key] = followed;
        try
        {
            await next(context);
        }
        catch
        {
            // A connection that the hub refuses is not told to be disconnected.
            await followed.DisposeAsync();
            throw;
        }
    }

    public ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocation, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        if (countActivity && invocation.Context.Items.TryGetValue(Key, out var followed))
        {
            ((Followed)followed!).Follower.CountActivity();
        }

        return next(invocation);
    }

    public async Task OnDisconnectedAsync(HubLifetimeContext context, Exception? exception, Func<HubLifetimeContext, Exception?, Task> next)
    {
        try
        {
            await next(context, exception);
        }
        finally
        {
            if (context.Context.Items.Remove(Key, out var followed))
            {
                await ((Followed)followed!).DisposeAsync();
            }
        }
    }

    /// <summary>What a connection follows. Its registration goes with it: all who follow a session share the token, which lives as long as the last of them.</summary>
    private sealed class Followed(ISessionFollower follower, CancellationTokenRegistration registration) : IAsyncDisposable
    {
        public ISessionFollower Follower => follower;

        public async ValueTask DisposeAsync()
        {
            registration.Unregister();
            await follower.DisposeAsync();
        }
    }
}
