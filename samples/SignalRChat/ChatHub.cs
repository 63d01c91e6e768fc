using Microsoft.AspNetCore.SignalR;
using ServerSession;

namespace SignalRChat;

/// <summary>
/// The hub's connection outlives the request that opened it, so the hub works with a handle for the time after the request. It belongs to the session:
/// it reads what other requests write, and finds nothing after a sign-out.
/// </summary>
public sealed class ChatHub : Hub
{
    private const string Handle = "session";

    public override async Task OnConnectedAsync()
    {
        if (await Context.GetHttpContext()!.GetServerSession().CreateBackgroundSessionAsync() is { } session)
        {
            Context.Items[Handle] = session;
            await base.OnConnectedAsync();
        }
        else
        {
            Context.Abort();        // no session: say who you are first
        }
    }

    public async Task Say(string text)
    {
        var session = (IBackgroundSession)Context.Items[Handle]!;
        try
        {
            await session.IncrementAsync("spoken");
            await Clients.All.SendAsync("said", await session.GetAsync<string>("name"), text);
        }
        catch (SessionEndedException)
        {
            Context.Abort();        // signed out, here or elsewhere
        }
    }
}
