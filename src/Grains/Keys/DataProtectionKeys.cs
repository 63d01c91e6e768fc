namespace ServerSession.Grains;

/// <summary>
/// The state of a Data Protection key ring: its elements, and the ids of those that were deleted so recently that a delayed message could add them
/// again. Immutable.
/// </summary>
internal sealed class DataProtectionKeys
{
    /// <summary>The most elements of a ring. Data Protection makes one key in 90 days; thousands mean that frontends cannot read each other's.</summary>
    public const int MaximumElements = 1024;

    /// <summary>The most characters of all elements together.</summary>
    public const int MaximumCharacters = 512 * 1024;

    /// <summary>For how long a deleted id is known: longer than any caller waits, clocks that differ included.</summary>
    private static readonly TimeSpan DeletedFor = TimeSpan.FromMinutes(5);

    public DataProtectionKeys(IReadOnlyList<DataProtectionKeyElement> elements, IReadOnlyDictionary<Guid, DateTimeOffset> deleted)
    {
        Elements = elements;
        Deleted = deleted;
    }

    public static DataProtectionKeys Empty { get; } = new([], new Dictionary<Guid, DateTimeOffset>());

    public IReadOnlyList<DataProtectionKeyElement> Elements { get; }

    /// <summary>The ids of deleted elements, with the time of their deletion.</summary>
    public IReadOnlyDictionary<Guid, DateTimeOffset> Deleted { get; }

    /// <summary>The ring with the element; the same one where it has it or had it; null where it is full.</summary>
    public DataProtectionKeys? Add(DataProtectionKeyElement element, DateTimeOffset now)
    {
        if (Elements.Any(present => present.Id == element.Id) || Deleted.ContainsKey(element.Id))
        {
            return this;
        }

        return Elements.Count == MaximumElements || Elements.Sum(Characters) + Characters(element) > MaximumCharacters
            ? null
            : new DataProtectionKeys([.. Elements, element], KnownDeleted(now));
    }

    /// <summary>The ring without the elements; the same one where it has none of them.</summary>
    public DataProtectionKeys Remove(IReadOnlyCollection<Guid> ids, DateTimeOffset now)
    {
        var gone = Elements.Where(element => ids.Contains(element.Id)).Select(static element => element.Id).ToHashSet();
        if (gone.Count == 0)
        {
            return this;
        }

        var deleted = KnownDeleted(now);
        foreach (var id in gone)
        {
            deleted[id] = now;
        }

        return new DataProtectionKeys([.. Elements.Where(element => !gone.Contains(element.Id))], deleted);
    }

    private Dictionary<Guid, DateTimeOffset> KnownDeleted(DateTimeOffset now) =>
        Deleted.Where(entry => now - entry.Value < DeletedFor).ToDictionary(static entry => entry.Key, static entry => entry.Value);

    private static int Characters(DataProtectionKeyElement element) => element.Xml.Length + element.Name.Length;
}
