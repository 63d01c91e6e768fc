namespace ServerSession;

/// <summary>
/// Asks for a session like <see cref="ISessionGrain.OpenAsync"/>, only for what the frontend does not have yet, and for notices of what becomes of it.
/// </summary>
[GenerateSerializer, Immutable, Alias("ServerSession.WatchSession")]
public sealed record WatchSession
{
    /// <summary>The hash of the verifier in the caller's token.</summary>
    [Id(0)]
    public required VerifierHash Verifier { get; init; }

    /// <summary>Whether the access extends the idle timeout. To watch a session does not.</summary>
    [Id(1)]
    public OpenMode Mode { get; init; } = OpenMode.Peek;

    /// <summary>Whether the caller wants the session's data.</summary>
    [Id(2)]
    public bool WantSnapshot { get; init; }

    /// <summary>
    /// The <see cref="WatchReply.Stamp"/> of the snapshot that the caller has: where it is still the session's present one, the reply carries no data.
    /// </summary>
    /// <value>Zero, the default, where the caller has none.</value>
    [Id(3)]
    public long Stamp { get; init; }

    /// <summary>Whether the frontend wants to hear of changes; of the session's end it hears in any case.</summary>
    [Id(4)]
    public bool WantChanges { get; init; }

    /// <summary>The frontend that is told; null asks only once.</summary>
    [Id(5)]
    public IFrontendObserver? Frontend { get; init; }
}

/// <summary>The answer to <see cref="WatchSession"/>.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.WatchReply")]
public readonly record struct WatchReply
{
    /// <summary>
    /// Opened, Gone or Stale. A frontend with a replaced token hears of the session's end as well. Opened without a snapshot, although one was wanted,
    /// means that the caller's is the present one.
    /// </summary>
    [Id(0)]
    public SessionReply Session { get; init; }

    /// <summary>Names the snapshot that is the session's present one; zero where it has no name.</summary>
    [Id(1)]
    public long Stamp { get; init; }

    /// <summary>
    /// The link on which a silo tells the frontend what becomes of the session, as <see cref="IFrontendObserver.NotifyAsync"/> names it. A silo that gives a
    /// frontend up and is asked again opens another link. Empty where no silo tells: then the frontend asks again after <see cref="AskAfter"/>.
    /// </summary>
    [Id(2)]
    public Guid Link { get; init; }

    /// <summary>After which time the frontend has to ask again to be told for longer.</summary>
    [Id(3)]
    public TimeSpan AskAfter { get; init; }
}
