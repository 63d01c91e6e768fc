namespace ServerSession.Core;

/// <summary>All that the grain knows of a session but its last access: immutable, replaced as a whole.</summary>
public sealed record SessionState
{
    // Ticks of UTC: half the size, and there is one for each session in memory.
    private readonly long _createEndsAt;
    private readonly long _rotatedAt;

    public required SessionSnapshot Snapshot { get; init; }

    /// <summary>The hash of the verifier that opens the session.</summary>
    public required VerifierHash Verifier { get; init; }

    /// <summary>
    /// Until when a delayed duplicate of the create could be accepted, also by a silo whose clock is one operation window behind: a session
    /// that ends before leaves a tombstone until then.
    /// </summary>
    public required DateTimeOffset CreateEndsAt
    {
        get => new(_createEndsAt, TimeSpan.Zero);
        init => _createEndsAt = value.UtcTicks;
    }

    /// <summary>The verifier that the last rotation replaced; <c>default</c>, which no token has, where there was none.</summary>
    public VerifierHash Previous { get; init; }

    /// <summary>When the last rotation happened; the minimum where none has.</summary>
    public DateTimeOffset RotatedAt
    {
        get => new(_rotatedAt, TimeSpan.Zero);
        init => _rotatedAt = value.UtcTicks;
    }

    /// <summary>The subject that the session is bound to; null where there is none.</summary>
    public SubjectBinding? Binding { get; init; }

    /// <summary>The cluster's epoch when the session was created: an end of all sessions raises it, and what is of an older one has ended.</summary>
    public long Epoch { get; init; }

    public OperationLog Operations { get; init; } = OperationLog.Empty;

    /// <summary>
    /// Stored fields that this version does not know, as they were read: a newer version wrote them, and they are written back with every store.
    /// </summary>
    public byte[]? UnknownFields { get; init; }

    /// <summary>When a session last accessed at a time expires: min(last access + idle timeout, creation + absolute lifetime) (guarantee: deadlines hold).</summary>
    public DateTimeOffset Deadline(DateTimeOffset lastAccess)
    {
        var idle = Times.After(lastAccess, Snapshot.Terms.IdleTimeout);
        var absolute = Times.After(Snapshot.CreatedAt, Snapshot.Terms.AbsoluteLifetime);
        return idle < absolute ? idle : absolute;
    }
}
