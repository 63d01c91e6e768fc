namespace ServerSession;

/// <summary>Asks for a new session. It is sent once: a create whose outcome is unknown is abandoned with its id and its token.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.CreateSession")]
public sealed record CreateSession
{
    /// <summary>The hash of the new session's verifier.</summary>
    [Id(0)]
    public required VerifierHash Verifier { get; init; }

    /// <summary>The session's terms.</summary>
    [Id(1)]
    public required SessionTerms Terms { get; init; }

    /// <summary>When the frontend issued the create (UTC). The grain refuses it outside the operation window.</summary>
    [Id(2)]
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>The first changes, applied in order.</summary>
    [Id(3)]
    public IReadOnlyList<SessionChange> Changes { get; init; } = [];

    /// <inheritdoc cref="CommitSession.NotAfter"/>
    [Id(4)]
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>
    /// Whether the id stands in the clean-up index: it came from <see cref="IExpiryShardGrain.ReserveAsync"/> and is still valid. False, the
    /// default, makes the grain register it before it stores the session, for one storage write more.
    /// </summary>
    [Id(5)]
    public bool IsIdRegistered { get; init; }

    /// <summary>The subject to bind the new session to; null leaves it unbound.</summary>
    [Id(20)]
    public SubjectChange? Subject { get; init; }
}

/// <summary>Asks for changes, a rotation of the token, other terms, or several of these at once: all or nothing.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.CommitSession")]
public sealed record CommitSession
{
    /// <summary>The hash of the verifier in the caller's token.</summary>
    [Id(0)]
    public required VerifierHash Verifier { get; init; }

    /// <summary>The operation: a repeat with the same id is answered, not applied again.</summary>
    [Id(1)]
    public required OperationId Operation { get; init; }

    /// <summary>When the frontend first issued the operation (UTC); a repeat keeps it. The grain refuses it outside the operation window.</summary>
    [Id(2)]
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>The changes, applied in order.</summary>
    [Id(3)]
    public IReadOnlyList<SessionChange> Changes { get; init; } = [];

    /// <summary>The hash of the verifier that replaces the present one; null leaves the token as it is.</summary>
    [Id(4)]
    public VerifierHash? NewVerifier { get; init; }

    /// <summary>The session's new terms; null leaves them.</summary>
    [Id(5)]
    public SessionTerms? NewTerms { get; init; }

    /// <summary>
    /// Whether the reply carries a snapshot of the committed session. A repeat whose token was replaced since gets its result without one.
    /// </summary>
    [Id(6)]
    public bool WantSnapshot { get; init; }

    /// <summary>Whether the commit counts as an access; a prefetch does not.</summary>
    [Id(7)]
    public bool Touch { get; init; } = true;

    /// <summary>
    /// When the access happened that the commit counts as, where that was before it was sent (UTC, the caller's clock). Silos of a version before
    /// this field take the time at which the commit arrives.
    /// </summary>
    /// <value>Null, the default, where it is the commit itself.</value>
    [Id(9)]
    public DateTimeOffset? AccessedAt { get; init; }

    /// <summary>
    /// When the caller gives up (UTC, the caller's clock). A silo whose clock is past it does not begin the operation and answers
    /// <see cref="SessionOutcome.Late"/>; an operation that was accepted before is answered as always. So what its caller reported as failed
    /// does not take effect after what the caller does next. A repeat with the same id may carry a later time while the caller still waits.
    /// </summary>
    /// <value>Null, as frontends before this field send it, sets no limit but the operation window.</value>
    [Id(8)]
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>
    /// Binds the session to a subject or unbinds it; null leaves it. Give a <see cref="NewVerifier"/> with it: whoever knew the token before the
    /// sign-in must not share the session after it (OWASP ASVS 5.0, 7.2.4).
    /// </summary>
    [Id(20)]
    public SubjectChange? Subject { get; init; }

    /// <summary>
    /// The lowest sequence of the <see cref="Operation"/>'s source that its caller still waits for, this one included. The session forgets the results of those
    /// below, and refuses them from then on with <see cref="SessionOutcome.Late"/>, whether or not they ever arrived. Silos of a version before this field
    /// remember every operation for the operation window.
    /// </summary>
    /// <value>Zero, the default and right with <see cref="OperationId.New"/>, says nothing: the result is remembered for the operation window.</value>
    [Id(10)]
    public ulong FirstUnanswered { get; init; }
}

/// <summary>Asks for the end of a session.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.DestroySession")]
public sealed record DestroySession
{
    /// <summary>The hash of the verifier in the caller's token; null for an administrator, who needs only the id.</summary>
    [Id(0)]
    public VerifierHash? Verifier { get; init; }

    /// <inheritdoc cref="CommitSession.NotAfter"/>
    [Id(1)]
    public DateTimeOffset? NotAfter { get; init; }
}

/// <summary>How a session is opened.</summary>
[GenerateSerializer, Alias("ServerSession.OpenMode")]
public enum OpenMode
{
    /// <summary>The access extends the idle timeout.</summary>
    Touch = 0,

    /// <summary>The access does not extend the idle timeout (a prefetch, a poll).</summary>
    Peek = 1,
}
