namespace ServerSession;

/// <summary>A Data Protection key ring as its grain has it.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.DataProtectionKeyRing")]
public sealed class DataProtectionKeyRing
{
    /// <summary>Creates the answer.</summary>
    public DataProtectionKeyRing(IReadOnlyList<DataProtectionKeyElement> elements, bool isMadeElsewhere)
    {
        ArgumentNullException.ThrowIfNull(elements);
        Elements = elements;
        IsMadeElsewhere = isMadeElsewhere;
    }

    /// <summary>The elements, in the order in which they were stored.</summary>
    [Id(0)]
    public IReadOnlyList<DataProtectionKeyElement> Elements { get; }

    /// <summary>Whether the ring is empty and another frontend is making its first key: ask again.</summary>
    [Id(1)]
    public bool IsMadeElsewhere { get; }
}
