namespace ServerSession.AspNetCore;

/// <param name="store">The store, which destroys.</param>
/// <param name="innermost">The store inside all decorators, whose kind says how it is swept.</param>
/// <param name="endings">Told which sessions ended.</param>
/// <param name="metrics">Counts the operations.</param>
/// <param name="subjects">Ends all sessions.</param>
/// <param name="sweep">Sweeps a cluster; null where there is none.</param>
internal sealed class SessionAdministration(
    IServerSessionStore store, IServerSessionStore innermost, SessionEndings endings, ServerSessionMetrics metrics, ISubjectStore subjects, SessionSweep? sweep = null) : ISessionAdministration
{
    public async ValueTask<bool> DestroyAsync(SessionId id, CancellationToken cancellationToken)
    {
        var reply = await metrics.MeasureAsync(
            SessionOperation.Destroy, (store, id, cancellationToken), static call => call.store.DestroyAsync(call.id, new DestroySession(), call.cancellationToken));
        if (reply.Outcome is SessionOutcome.Destroyed or SessionOutcome.Gone)
        {
            endings.End(id);
        }

        return reply.Outcome == SessionOutcome.Destroyed;
    }

    public ValueTask EndAllAsync(CancellationToken cancellationToken) => subjects.EndAllAsync(cancellationToken);

    public ValueTask<SessionSweepResult> SweepAsync(CancellationToken cancellationToken) => innermost switch
    {
        GrainSessionStore when sweep is not null => sweep.RunAsync(cancellationToken),
        InMemorySessionStore memory => new(memory.Sweep()),
        _ => throw new NotSupportedException($"The sessions are kept by {innermost.GetType().Name}, which SweepAsync does not know. Clean it up in its own way."),
    };
}
