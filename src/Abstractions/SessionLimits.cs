namespace ServerSession;

/// <summary>What one session may hold. A commit over a limit is <see cref="SessionOutcome.TooLarge"/> and applies nothing.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.SessionLimits")]
public sealed record SessionLimits
{
    /// <summary>The limits for which nothing else is said.</summary>
    public static SessionLimits Default { get; } = new();

    /// <summary>The longest key, in bytes of UTF-8.</summary>
    /// <value>From 1 to 4,096; 256 by default.</value>
    [Id(0)]
    public int KeyBytes { get; init; } = 256;

    /// <summary>The largest value, in bytes.</summary>
    /// <value>From 1 to 16 MiB; 64 KiB by default.</value>
    [Id(1)]
    public int ValueBytes { get; init; } = 64 * 1024;

    /// <summary>The greatest number of keys.</summary>
    /// <value>From 1 to 10,000; 256 by default.</value>
    [Id(2)]
    public int Keys { get; init; } = 256;

    /// <summary>The greatest total size of all keys and values, in bytes.</summary>
    /// <value>From 1 to 64 MiB; 256 KiB by default.</value>
    [Id(3)]
    public int TotalBytes { get; init; } = 256 * 1024;

    /// <summary>The greatest number of changes in one commit. It follows from <see cref="Keys"/>, so that a session can always be replaced whole.</summary>
    /// <value>16 for each key, and at least 1,024: 4,096 by default.</value>
    public int Changes => (int)Math.Clamp(16L * Keys, 1024, int.MaxValue);

    /// <summary>Says what is wrong with these limits, one sentence for each.</summary>
    public IEnumerable<string> Validate()
    {
        if (KeyBytes is < 1 or > 4096)
        {
            yield return $"KeyBytes is {KeyBytes}; set it between 1 and 4,096.";
        }

        if (ValueBytes is < 1 or > 16 * 1024 * 1024)
        {
            yield return $"ValueBytes is {ValueBytes}; set it between 1 and 16,777,216.";
        }

        if (Keys is < 1 or > 10_000)
        {
            yield return $"Keys is {Keys}; set it between 1 and 10,000.";
        }

        if (TotalBytes is < 1 or > 64 * 1024 * 1024)
        {
            yield return $"TotalBytes is {TotalBytes}; set it between 1 and 67,108,864.";
        }
    }
}

/// <summary>A limit of <see cref="SessionLimits"/>.</summary>
[GenerateSerializer, Alias("ServerSession.SessionLimit")]
public enum SessionLimit
{
    /// <summary><see cref="SessionLimits.KeyBytes"/>.</summary>
    KeyBytes = 0,

    /// <summary><see cref="SessionLimits.ValueBytes"/>.</summary>
    ValueBytes = 1,

    /// <summary><see cref="SessionLimits.Keys"/>.</summary>
    Keys = 2,

    /// <summary><see cref="SessionLimits.TotalBytes"/>.</summary>
    TotalBytes = 3,

    /// <summary><see cref="SessionLimits.Changes"/>.</summary>
    Changes = 4,

    /// <summary>The greatest number of sessions of one subject (<see cref="SubjectChange.MaximumSessions"/>).</summary>
    SubjectSessions = 5,
}
