namespace ServerSession;

/// <summary>What a call to sweep a shard did.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.ShardSweepReply")]
public readonly record struct ShardSweepReply
{
    /// <summary>How many ids were looked up in the storage.</summary>
    [Id(0)]
    public long Looked { get; init; }

    /// <summary>How many rows were removed: ended sessions, and marks that sessions left which ended right after their creation.</summary>
    [Id(1)]
    public long Removed { get; init; }

    /// <summary>How many ids could not be looked at or ended; they are looked at again later.</summary>
    [Id(2)]
    public long Failed { get; init; }

    /// <summary>Whether there is more to look at now: ask again.</summary>
    [Id(3)]
    public bool HasMore { get; init; }
}
