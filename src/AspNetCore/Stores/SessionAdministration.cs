namespace ServerSession;

internal sealed class SessionAdministration(ISessionStore store, SessionEndings endings, ServerSessionMetrics metrics) : ISessionAdministration
{
    public async ValueTask<bool> DestroyAsync(SessionId id, CancellationToken cancellationToken)
    {
        var began = metrics.Begin();
        var outcome = SessionOutcome.None;
        try
        {
            outcome = (await store.DestroyAsync(id, new DestroySession(), cancellationToken)).Outcome;
            if (outcome is SessionOutcome.Destroyed or SessionOutcome.Gone)
            {
                endings.End(id);
            }

            return outcome == SessionOutcome.Destroyed;
        }
        finally
        {
            metrics.Operation(SessionOperation.Destroy, outcome, began);
        }
    }
}
