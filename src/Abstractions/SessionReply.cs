namespace ServerSession;

/// <summary>The grain's answer to an operation.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.SessionReply")]
public readonly record struct SessionReply
{
    /// <summary>What became of the operation.</summary>
    [Id(0)]
    public SessionOutcome Outcome { get; init; }

    /// <summary>The session as it now is; null where the outcome has none or the caller did not want it.</summary>
    [Id(1)]
    public SessionSnapshot? Snapshot { get; init; }

    /// <summary>When the session expires unless it is accessed before (UTC, the grain's clock).</summary>
    [Id(2)]
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What each change did, in the order of the request; null where no change was atomic.</summary>
    [Id(3)]
    public IReadOnlyList<SessionChangeResult>? Results { get; init; }

    /// <summary>Why the commit was refused.</summary>
    [Id(4)]
    public SessionRefusal? Refusal { get; init; }

    /// <summary>
    /// With <see cref="SessionOutcome.Stale"/>: whether the token was replaced longer ago than the silos' <c>RotationGrace</c>. Then it counts as
    /// the token of a session that is gone; within the grace a parallel request may just have handed out the one that replaces it.
    /// </summary>
    [Id(5)]
    public bool GraceIsOver { get; init; }

    /// <summary>Whether the session is bound to a subject; with an outcome that tells of a live session.</summary>
    [Id(20)]
    public bool IsBound { get; init; }

    /// <summary>An answer that is an outcome alone.</summary>
    public static SessionReply Of(SessionOutcome outcome) => new() { Outcome = outcome };
}

/// <summary>The answer to a look whether a session is due.</summary>
/// <param name="Gone">Whether there is no such session any more.</param>
/// <param name="ExpiresAt">When it is due otherwise (UTC, the grain's clock).</param>
[GenerateSerializer, Immutable, Alias("ServerSession.ExpiryReply")]
public readonly record struct ExpiryReply([property: Id(0)] bool Gone, [property: Id(1)] DateTimeOffset ExpiresAt);
