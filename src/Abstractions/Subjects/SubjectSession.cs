namespace ServerSession;

/// <summary>A session in the list of its subject.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.SubjectSession")]
public sealed record SubjectSession
{
    /// <summary>The public id of the session.</summary>
    [Id(0)]
    public required SessionId Id { get; init; }

    /// <summary>When the session was created (UTC).</summary>
    [Id(1)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was bound to the subject (UTC): the sign-in.</summary>
    [Id(2)]
    public required DateTimeOffset BoundAt { get; init; }

    /// <summary>
    /// When it was last used (UTC), as its grain knows it: behind by half the time of a local entry at most, and by
    /// <c>TouchFraction</c> of the idle timeout after a crash.
    /// </summary>
    [Id(3)]
    public required DateTimeOffset LastSeenAt { get; init; }

    /// <summary>When it expires unless it is used before (UTC).</summary>
    [Id(4)]
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What the application said of it when it was bound.</summary>
    [Id(5)]
    public string? Label { get; init; }

    /// <summary>Whether it is the session that the caller named as its own.</summary>
    [Id(6)]
    public bool IsCurrent { get; init; }

    /// <summary>The id alone: a label may name a person's device.</summary>
    public override string ToString() => Id.ToString();
}

/// <summary>A part of the list of a subject's sessions, newest sign-in first.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.SubjectSessionPage")]
public sealed record SubjectSessionPage
{
    /// <summary>The sessions. It may hold fewer than were asked for, even none, while there are more.</summary>
    [Id(0)]
    public required IReadOnlyList<SubjectSession> Sessions { get; init; }

    /// <summary>Where the next page begins; null after the last one.</summary>
    [Id(1)]
    public long? Next { get; init; }

    /// <summary>How many sessions the whole list has.</summary>
    [Id(2)]
    public required int Count { get; init; }
}
