namespace ServerSession;

/// <summary>How long a session lives and how durable it is: given when it is created and kept with it.</summary>
/// <remarks>
/// Both timeouts hold at once (OWASP ASVS 5.0, 7.3.1 and 7.3.2): a session is never readable after
/// min(last access + <see cref="IdleTimeout"/>, creation + <see cref="AbsoluteLifetime"/>).
/// </remarks>
[GenerateSerializer, Immutable, Alias("ServerSession.SessionTerms")]
public sealed record SessionTerms
{
    /// <summary>The shortest idle timeout and absolute lifetime: one second.</summary>
    public static readonly TimeSpan MinimumTime = TimeSpan.FromSeconds(1);

    /// <summary>The longest idle timeout and absolute lifetime: 365 days.</summary>
    public static readonly TimeSpan MaximumTime = TimeSpan.FromDays(365);

    /// <summary>The terms of a session for which nothing else is said: 20 minutes idle, 7 days in all, write-through.</summary>
    public static SessionTerms Default { get; } = new();

    /// <summary>The idle timeout (sliding expiration): how long a session lives after its last access.</summary>
    /// <value>From one second to 365 days; 20 minutes by default.</value>
    [Id(0)]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>The absolute lifetime: how long a session lives after its creation, however active it is.</summary>
    /// <value>From one second to 365 days, and not shorter than <see cref="IdleTimeout"/>; 7 days by default.</value>
    [Id(1)]
    public TimeSpan AbsoluteLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>What an acknowledged change survives.</summary>
    /// <value><see cref="SessionDurability.WriteThrough"/> by default.</value>
    [Id(2)]
    public SessionDurability Durability { get; init; } = SessionDurability.WriteThrough;

    /// <summary>How long a change may wait for its storage write when <see cref="Durability"/> is <see cref="SessionDurability.WriteBehind"/>.</summary>
    /// <value>From 10 milliseconds to one hour; one second by default. Without meaning for the other durabilities.</value>
    [Id(3)]
    public TimeSpan WriteBehindInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Says what is wrong with these terms, or null when they can be used.</summary>
    public string? Validate()
    {
        if (IdleTimeout < MinimumTime || IdleTimeout > MaximumTime)
        {
            return $"IdleTimeout is {IdleTimeout}; it must be between {MinimumTime} and {MaximumTime}.";
        }

        if (AbsoluteLifetime < IdleTimeout || AbsoluteLifetime > MaximumTime)
        {
            return $"AbsoluteLifetime is {AbsoluteLifetime}; it must be between IdleTimeout ({IdleTimeout}) and {MaximumTime}.";
        }

        if (!Enum.IsDefined(Durability))
        {
            return $"Durability is {(int)Durability}; it must be WriteThrough, WriteBehind or Volatile.";
        }

        return WriteBehindInterval < TimeSpan.FromMilliseconds(10) || WriteBehindInterval > TimeSpan.FromHours(1)
            ? $"WriteBehindInterval is {WriteBehindInterval}; it must be between 10 milliseconds and one hour."
            : null;
    }
}
