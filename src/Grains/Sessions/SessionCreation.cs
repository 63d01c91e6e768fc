using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>How a session begins: never over one that lives, or has ended, under the same id.</summary>
internal static class SessionCreation
{
    /// <summary>Creates the session, with its lock held.</summary>
    public static async ValueTask<SessionReply> CreateAsync(SessionInstance session, CreateSession request)
    {
        var life = session.Life;
        var persistence = session.Persistence;
        var services = life.Services;
        services.Fence.ThrowIfStale();
        life.ThrowIfInDoubt();
        if (life.Phase is LiveSession or SessionPhase.Ended)
        {
            return SessionReply.Of(SessionOutcome.Gone);
        }

        services.Options.ThrowIfNotAllowed(request.Terms);
        var now = services.Now;
        var decision = SessionRules.Create(request, now, services.Options.Limits, services.Options.OperationWindow);
        if (decision.Next is null)
        {
            life.DeactivateWhenIdle();
            return decision.Reply;
        }

        if (request.Subject is { } subject)
        {
            if (life.Phase is SessionPhase.Unread && await persistence.RowExistsAsync())
            {
                // A delayed duplicate must not take the session that it made off its user's list.
                return SessionReply.Of(SessionOutcome.Gone);
            }

            decision = await services.Subjects.BindNewAsync(session, decision, request, subject);
            if (decision.Next is null)
            {
                life.DeactivateWhenIdle();
                return decision.Reply;
            }
        }

        var state = decision.Next with { Epoch = services.Epoch.Current };
        if (request.Terms.Durability == SessionDurability.Volatile)
        {
            if (life.Phase is SessionPhase.Unread && await persistence.RowExistsAsync())
            {
                return SessionReply.Of(SessionOutcome.Gone);
            }

            if (SessionRules.HasGivenUp(request.NotAfter, services.Now))
            {
                life.DeactivateWhenIdle();
                return SessionReply.Of(SessionOutcome.Late);
            }
        }
        else
        {
            if (!await persistence.TryInsertAsync(state, now, request.IsIdRegistered))
            {
                return SessionReply.Of(SessionOutcome.Gone);
            }
        }

        services.Observers.Created(new ObservedSession(life.Id, state, now));
        life.SetLive(state, now);
        if (state.Epoch < services.Epoch.Value && life.Phase is LiveSession ended)
        {
            await persistence.EndAsync(ended, SessionEndReason.Cluster);
            return SessionReply.Of(SessionOutcome.Gone);
        }

        if (state.Binding is not null && life.Phase is LiveSession live)
        {
            services.Subjects.OnBindingChanged(life.Id, null, live);
        }

        return decision.Reply;
    }
}
