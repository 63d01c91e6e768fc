namespace ServerSession;

/// <summary>Asks a subject to list a session. The session's grain sends it, before it stores that it is bound.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.ListSession")]
public sealed record ListSession
{
    /// <summary>The session.</summary>
    [Id(0)]
    public required SessionId Session { get; init; }

    /// <summary>The number under which the session is bound to this subject already; zero where it is not.</summary>
    [Id(1)]
    public long Current { get; init; }

    /// <summary>When the session was created.</summary>
    [Id(2)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the session expires unless it is used.</summary>
    [Id(3)]
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What to list, and how many sessions there may be.</summary>
    [Id(4)]
    public required SubjectChange Change { get; init; }

    /// <inheritdoc cref="CommitSession.NotAfter"/>
    [Id(5)]
    public DateTimeOffset? NotAfter { get; init; }
}

/// <summary>The answer to <see cref="ListSession"/>.</summary>
/// <param name="Number">
/// The number of the entry; zero where the subject has as many sessions as it may have; minus one where the session was ended under
/// <see cref="ListSession.Current"/>.
/// </param>
[GenerateSerializer, Immutable, Alias("ServerSession.ListSessionReply")]
public readonly record struct ListSessionReply([property: Id(0)] long Number);

/// <summary>Asks for the end of a subject's sessions.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.EndSubjectSessions")]
public sealed record EndSubjectSessions
{
    /// <summary>Null for the first call. Then what the reply said: the end goes on, and no session that was bound since is touched.</summary>
    [Id(0)]
    public long? Through { get; init; }

    /// <summary>The session that stays; null where all end.</summary>
    [Id(1)]
    public SessionId? Keep { get; init; }

    /// <inheritdoc cref="CommitSession.NotAfter"/>
    [Id(2)]
    public DateTimeOffset? NotAfter { get; init; }
}

/// <summary>The answer to <see cref="EndSubjectSessions"/>.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.EndSubjectSessionsReply")]
public readonly record struct EndSubjectSessionsReply
{
    /// <summary>What to give to the next call.</summary>
    [Id(0)]
    public long Through { get; init; }

    /// <summary>How many sessions this call has ended.</summary>
    [Id(1)]
    public int Ended { get; init; }

    /// <summary>Whether sessions are left that have not confirmed their end: call again.</summary>
    [Id(2)]
    public bool HasMore { get; init; }

    /// <summary>How many sessions could not be reached by this call.</summary>
    [Id(3)]
    public int Failed { get; init; }
}

/// <summary>What a session says of its binding.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.BoundSessionReply")]
public readonly record struct BoundSessionReply
{
    /// <summary>The number under which the session is, or was until this call, bound to the subject; zero where it is not, or is gone.</summary>
    [Id(0)]
    public long Number { get; init; }

    /// <summary>When the session was last used.</summary>
    [Id(1)]
    public DateTimeOffset LastAccess { get; init; }

    /// <summary>When it expires unless it is used before.</summary>
    [Id(2)]
    public DateTimeOffset ExpiresAt { get; init; }
}
