namespace ServerSession;

/// <summary>Fresh session ids, registered in the clean-up index and reserved for one caller.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.SessionIdBlock")]
public sealed record SessionIdBlock
{
    /// <summary>What the ids are derived from: 128 random bits.</summary>
    [Id(0)]
    public required Guid Seed { get; init; }

    /// <summary>How many ids there are.</summary>
    [Id(1)]
    public required int Count { get; init; }

    /// <summary>
    /// For how long the ids may be used, counted from before the call on a clock that nobody sets. A create with an id that is older has to say
    /// that its id is not registered.
    /// </summary>
    [Id(2)]
    public required TimeSpan ValidFor { get; init; }

    /// <summary>How many ids there are; what is not used yet is not for a log.</summary>
    public override string ToString() => $"{Count} session ids";
}
