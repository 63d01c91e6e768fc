namespace ServerSession.Tests.Support;

/// <summary>Drives the rules as the grain does: one operation after the other, the next state taken over unless a test drops it.</summary>
internal sealed class Session
{
    private ulong _sequence;

    public Session(params SessionChange[] changes)
    {
        var decision = SessionRules.Create(
            new CreateSession { Verifier = Verifier, Terms = SessionTerms.Default, IssuedAt = Now, Changes = changes }, Now, Limits, Sample.Window);
        State = decision.Next!;
    }

    public DateTimeOffset Now { get; set; } = Sample.Now;

    public VerifierHash Verifier { get; set; } = Sample.Verifier.Hash();

    public SessionLimits Limits { get; set; } = SessionLimits.Default;

    public SessionState State { get; set; }

    /// <summary>Whether each request says that no earlier one is waited for.</summary>
    public bool IsNumbered { get; init; }

    public SessionData Data => State.Snapshot.Data;

    public CommitSession Request(params SessionChange[] changes) => new()
    {
        Verifier = Verifier,
        Operation = new OperationId(7, ++_sequence),
        IssuedAt = Now,
        Changes = changes,
        FirstUnanswered = IsNumbered ? _sequence : 0,
    };

    public SessionDecision Decide(CommitSession request) => SessionRules.Commit(State, request, Now, Now, Limits, Sample.Window);

    public SessionReply Commit(CommitSession request)
    {
        var decision = Decide(request);
        State = decision.Next ?? State;
        return decision.Reply;
    }

    public SessionReply Commit(params SessionChange[] changes) => Commit(Request(changes));

    public SessionReply Open(VerifierHash verifier) => SessionRules.Open(State, verifier, Now);
}
