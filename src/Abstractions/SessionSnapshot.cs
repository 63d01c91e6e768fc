namespace ServerSession;

/// <summary>A session at one version, as its grain committed it: immutable.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.SessionSnapshot")]
public sealed class SessionSnapshot
{
    /// <summary>Creates a snapshot.</summary>
    public SessionSnapshot(long version, DateTimeOffset createdAt, SessionTerms terms, SessionData data)
    {
        Version = version;
        CreatedAt = createdAt;
        Terms = terms;
        Data = data;
    }

    /// <summary>One at creation, one more with each commit.</summary>
    [Id(0)]
    public long Version { get; }

    /// <summary>When the session was created (UTC, the grain's clock).</summary>
    [Id(1)]
    public DateTimeOffset CreatedAt { get; }

    /// <summary>The session's terms.</summary>
    [Id(2)]
    public SessionTerms Terms { get; }

    /// <summary>The session's data.</summary>
    [Id(3)]
    public SessionData Data { get; }
}
