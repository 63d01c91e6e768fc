using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>The operation by which a frontend asks for what it does not have, and is told from then on what becomes of the session.</summary>
internal static class SessionWatching
{
    public static async ValueTask<WatchReply> WatchAsync(IGrainContext activation, SessionInstance session, WatchSession request)
    {
        using var releaser = await session.EnterAsync();
        if (await session.FindLiveAsync() is not { } live)
        {
            return new WatchReply { Session = SessionReply.Of(SessionOutcome.Gone) };
        }

        var now = session.Life.Services.Now;
        SessionReply reply;
        if (live.State.Verifier != request.Verifier)
        {
            // A connection that was opened with a token before it was replaced, and follows the session, is no use of that token.
            reply = request.WantSnapshot ? session.Life.Stale(live, now) : SessionReply.Of(SessionOutcome.Stale);
        }
        else
        {
            if (request.Mode != OpenMode.Peek)
            {
                if (now >= session.Persistence.Row.TouchIsDueFrom(live))
                {
                    await session.Persistence.StoreAsync(live.State, live.AccessAt(now));
                }

                session.Life.Touch(live, now);
            }

            reply = live.Open(request.Verifier);
        }

        session.Publish(live);
        reply = reply with { Snapshot = request.WantSnapshot ? reply.Snapshot : null, ExpiresAt = live.State.Deadline(live.LastAccess) };
        return session.Life.IsLeaving
            ? new WatchReply { Session = reply }
            : activation.ActivationServices.GetRequiredService<SessionWatchers>().Register(session.Life.Id, request, in reply);
    }
}
