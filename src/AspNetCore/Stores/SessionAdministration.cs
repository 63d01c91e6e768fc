namespace ServerSession;

internal sealed class SessionAdministration(ISessionStore store, SessionEndings endings, ServerSessionMetrics metrics, SessionSweep? sweep = null) : ISessionAdministration
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

    public ValueTask<SessionSweepResult> SweepAsync(CancellationToken cancellationToken) => store switch
    {
        GrainSessionStore when sweep is not null => sweep.RunAsync(cancellationToken),
        InMemorySessionStore memory => new(memory.Sweep()),
        _ => throw new NotSupportedException($"The sessions are kept by {store.GetType().Name}, which SweepAsync does not know. Clean it up in a way of its own."),
    };
}
