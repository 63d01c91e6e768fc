using ServerSession.Tests.Support;

namespace ServerSession.Tests.Model;

/// <summary>What was asked of a session. Tokens and operations are numbered per history, because verifiers print as nothing.</summary>
internal abstract record Request
{
    internal sealed record Create(CreateSession Message) : Request;

    /// <param name="Token">The token's number.</param>
    /// <param name="Peek">Whether it is no access.</param>
    /// <param name="At">The frontend, as <see cref="Step.Open"/> names it.</param>
    internal sealed record Open(int Token, bool Peek, int At = Step.Open.Outside) : Request;

    internal sealed record Commit(CommitSession Message, int Operation, int Token, int? NewToken = null, int At = Step.Open.Outside) : Request;

    /// <param name="Token">The token; null for an administrator.</param>
    /// <param name="NotAfter">When the caller gives up.</param>
    internal sealed record Destroy(int? Token, DateTimeOffset? NotAfter = null) : Request;

    internal sealed record Expire : Request;

    /// <summary>What an open showed of the one key that a history is about.</summary>
    internal sealed record Look(string Data) : Request;

    /// <summary>The activation is thrown away: what no row holds may be lost, at any time from now on.</summary>
    internal sealed record Drop : Request;
}

/// <summary>A span of time, both ends included.</summary>
internal readonly record struct TimeRange(DateTimeOffset From, DateTimeOffset To)
{
    public bool Contains(DateTimeOffset time) => From <= time && time <= To;

    public override string ToString() => From == To ? Of(From) : $"{Of(From)}…{Of(To)}";

    private static string Of(DateTimeOffset time) => $"{(time - GrainClock.Start).TotalSeconds:0.###}s";
}

/// <summary>One message of a history: when it was sent, when it was answered, and with what.</summary>
internal sealed record Call(int Client, Request Request)
{
    public const long Never = long.MaxValue;

    /// <summary>When it was sent, on the history's own count.</summary>
    public long Sent { get; init; }

    /// <summary>When it was answered; <see cref="Never"/> where the answer is unknown, so that it may take effect at any later time, or never.</summary>
    public long Answered { get; init; } = Never;

    /// <summary>What the grain's clock may have shown meanwhile.</summary>
    public TimeRange Now { get; init; }

    /// <summary>The latest that any silo's clock had shown when the call was answered.</summary>
    public DateTimeOffset LatestSoFar { get; init; }

    /// <summary>The earliest that any silo's clock has shown since the call was sent, to the end of the history.</summary>
    public DateTimeOffset EarliestSince { get; init; }

    /// <summary>When the caller gives up: a silo does not begin the operation after it.</summary>
    public DateTimeOffset? NotAfter => Request switch
    {
        Request.Create create => create.Message.NotAfter,
        Request.Commit commit => commit.Message.NotAfter,
        Request.Destroy destroy => destroy.NotAfter,
        _ => null,
    };

    public SessionReply? Reply { get; init; }

    public ExpiryReply? Expiry { get; init; }

    /// <summary>Why the answer is unknown.</summary>
    public string? Failure { get; init; }

    public bool IsKnown => Reply is not null || Expiry is not null;
}
