using ServerSession.Tests.Storage;

namespace ServerSession.Tests.Model;

/// <summary>What goes wrong with a storage call.</summary>
internal enum FaultKind
{
    /// <summary>It fails and does nothing.</summary>
    Fails,

    /// <summary>It is done, and its answer fails.</summary>
    LosesReply,

    /// <summary>It is done, and its answer comes after the time-out.</summary>
    AnswersLate,

    /// <summary>It is done after the time-out.</summary>
    ArrivesLate,

    /// <summary>It is never done and never answered.</summary>
    Hangs,
}

/// <summary>What becomes of the storage call at which the grain's silo is stopped hard.</summary>
public enum KillPoint
{
    /// <summary>The store does nothing.</summary>
    NotDone,

    /// <summary>The store does it, and the silo is dead before it hears of it.</summary>
    Done,

    /// <summary>The call stays under way, and is done when the next activation has answered.</summary>
    DoneLater,
}

/// <summary>One thing that a client of a case does.</summary>
internal abstract record Step
{
    /// <param name="Peek">Whether it is no access.</param>
    /// <param name="Old">Whether it shows the token before the newest it knows.</param>
    /// <param name="At">The frontend that it arrives at: the number of the silo in whose process it runs, or one of the names below.</param>
    internal sealed record Open(bool Peek, bool Old, int At = Open.Outside) : Step
    {
        /// <summary>A frontend in a process without a silo.</summary>
        public const int Outside = -1;

        /// <summary>The one that can answer locally, if there is one.</summary>
        public const int WhereItIs = -2;
    }

    /// <param name="Twice">Whether the message arrives twice, at about the same time.</param>
    /// <param name="At">The frontend that it arrives at, as for <see cref="Open"/>.</param>
    /// <param name="Patience">After which time the client gives up; null sends none.</param>
    internal sealed record Commit(
        SessionChange[] Changes, bool Rotate, SessionTerms? Terms, bool Old, bool Touch, bool Twice, int At = Open.Outside, TimeSpan? Patience = null) : Step;

    /// <summary>A commit, or a destroy where there are no changes, whose message waits on its way: its client has no answer.</summary>
    internal sealed record Delay(SessionChange[]? Changes, TimeSpan Patience) : Step;

    /// <summary>What waits on its way arrives.</summary>
    internal sealed record Arrive : Step;

    /// <summary>A commit that was sent before arrives once more.</summary>
    internal sealed record Again(int Which) : Step;

    internal sealed record CreateAgain : Step;

    internal sealed record Destroy(bool Administrator, bool Old) : Step;

    internal sealed record Expire : Step;

    internal sealed record Drop : Step;

    internal sealed record Migrate : Step;

    internal sealed record Clock(TimeSpan By) : Step;

    /// <summary>The next storage calls go wrong.</summary>
    internal sealed record Fault(FaultKind Kind, StorageOperationKind? Operation, int Times) : Step;

    /// <summary>What was held back arrives.</summary>
    internal sealed record Release : Step;

    /// <summary>Waits until a storage call has gone wrong.</summary>
    internal sealed record Meet : Step;

    /// <summary>Waits until a call of another client has arrived at the grain.</summary>
    internal sealed record Behind(int Client) : Step;
}

/// <summary>A case: a session's first terms and what each client does, all at once.</summary>
internal sealed record Program(SessionTerms Terms, SessionChange[] Changes, Step.Fault? FirstFault, Step[][] Clients)
{
    public override string ToString() =>
        $"create {CallText.Show(Terms)} {CallText.Show(Changes)}{(FirstFault is null ? "" : $" after {FirstFault}")}\n"
        + string.Join('\n', Clients.Select((steps, client) => $"client {client + 1}: {string.Join("; ", steps.Select(Show))}"));

    private static string Show(Step step) => step is Step.Commit commit
        ? $"commit {CallText.Show(commit.Changes)}{(commit.Rotate ? " rotate" : "")}{(commit.Terms is { } terms ? " " + CallText.Show(terms) : "")}"
            + $"{(commit.Patience is { } patience ? $" patience {patience.TotalSeconds}s" : "")}{(commit.Old ? " old" : "")}{(commit.Touch ? "" : " no touch")}{(commit.Twice ? " twice" : "")} at {commit.At}"
        : step.ToString();
}
