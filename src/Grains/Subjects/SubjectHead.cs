namespace ServerSession.Grains;

/// <summary>What the head row of a list holds.</summary>
internal sealed class SubjectHead
{
    private readonly List<SubjectEntry> _entries = [];

    /// <summary>The newest entries, oldest first.</summary>
    public IReadOnlyList<SubjectEntry> Entries => _entries;

    /// <summary>How many bytes the entries take in the row: kept with each change, so that a sign-in does not measure all of them.</summary>
    public int EntryBytes { get; private set; }

    /// <summary>The rows with the older ones, oldest first.</summary>
    public List<SubjectSegment> Segments { get; } = [];

    /// <summary>The greatest number that was given.</summary>
    public long LastNumber { get; set; }

    /// <summary>The epoch: entries with this number or a smaller one have been ended, but for <see cref="Kept"/>.</summary>
    public long EndedThrough { get; set; }

    /// <summary>The entry that the last end of all others has left; zero where there is none.</summary>
    public long Kept { get; set; }

    /// <summary>The row that is being made into a segment; zero where none is. A process that died may have left it.</summary>
    public ulong Sealing { get; set; }

    /// <summary>How many entries there are, those that were ended included: as long as one is there, its session may live.</summary>
    public int Total => _entries.Count + Segments.Sum(static segment => segment.Count);

    public bool IsEmpty => _entries.Count + Segments.Count == 0;

    public bool IsEnded(long number) => number <= EndedThrough && number != Kept;

    public void Add(SubjectEntry entry)
    {
        _entries.Add(entry);
        EntryBytes += SubjectCodec.SizeOf(entry);
    }

    /// <summary>Removes entries; true where there were any.</summary>
    public bool Remove(Predicate<SubjectEntry> isMeant) => _entries.RemoveAll(entry =>
    {
        if (!isMeant(entry))
        {
            return false;
        }

        EntryBytes -= SubjectCodec.SizeOf(entry);
        return true;
    }) > 0;

    /// <summary>Gives an entry another label; false where it stands in a segment.</summary>
    public bool Relabel(SubjectEntry entry, string? label)
    {
        var place = _entries.IndexOf(entry);
        if (place < 0)
        {
            return false;
        }

        _entries[place] = entry with { Label = label };
        EntryBytes += SubjectCodec.SizeOf(_entries[place]) - SubjectCodec.SizeOf(entry);
        return true;
    }

    /// <summary>Makes the entries those of a segment.</summary>
    public void Seal(SubjectSegment segment)
    {
        Segments.Add(segment);
        _entries.Clear();
        EntryBytes = 0;
    }
}
