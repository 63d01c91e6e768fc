namespace ServerSession.Grains;

/// <summary>A session in the list of its subject.</summary>
/// <param name="Session">The session.</param>
/// <param name="Number">The entry's number: the ticks (UTC) of the moment at which it was made, or one more than the entry before it.</param>
/// <param name="CreatedAt">When the session was created.</param>
/// <param name="Label">What the application said of it.</param>
internal sealed record SubjectEntry(SessionId Session, long Number, DateTimeOffset CreatedAt, string? Label)
{
    /// <summary>When the session was last used, as far as it is known here.</summary>
    public DateTimeOffset LastSeenAt { get; set; }

    /// <summary>When the session expires, as far as it is known here: it may have been used since.</summary>
    public DateTimeOffset ExpiresAt { get; set; }

    public DateTimeOffset BoundAt => new(Number, TimeSpan.Zero);
}

/// <summary>A separate row with older entries, as the head knows it.</summary>
/// <param name="Row">The number in the row's name.</param>
/// <param name="First">The number of its oldest entry when it was made.</param>
/// <param name="Last">The number of its newest entry when it was made.</param>
internal sealed record SubjectSegment(ulong Row, long First, long Last)
{
    /// <summary>How many entries it has, as last stored in the head or seen.</summary>
    public int Count { get; set; }

    /// <summary>When the first of its sessions expires, as far as it is known.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>Its entries, oldest first; null while they are not read.</summary>
    public List<SubjectEntry>? Entries { get; set; }

    public string? ETag { get; set; }
}

/// <summary>How large the rows of a list get.</summary>
/// <param name="HeadBytes">The bytes of entries in the head above which they move into a segment.</param>
internal sealed record SubjectSizes(int HeadBytes)
{
    public static SubjectSizes Default { get; } = new(8 * 1024);
}
