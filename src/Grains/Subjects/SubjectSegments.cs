using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>The rows with the older entries of a list. What the head knows of a segment is kept beside its entries; the head itself is written by the list.</summary>
internal sealed class SubjectSegments(SessionStorage storage, GrainId list)
{
    public const string State = "subject-segment";

    /// <summary>A segment of entries that has no row yet.</summary>
    public static SubjectSegment New(List<SubjectEntry> entries) => new(RowNumber.New(), entries[0].Number, entries[^1].Number) { Count = entries.Count, Entries = entries };

    /// <summary>The entries of a segment, read once.</summary>
    public async ValueTask<List<SubjectEntry>> ReadAsync(SubjectSegment segment)
    {
        if (segment.Entries is { } known)
        {
            return known;
        }

        // No row: a process deleted it and died before it wrote the head.
        var row = await storage.ReadAsync(State, RowOf(segment.Row));
        segment.ETag = row?.ETag;
        segment.Entries = row is { } found ? SubjectCodec.DecodeEntries(found.Bytes) : [];
        segment.Count = segment.Entries.Count;
        return segment.Entries;
    }

    /// <summary>Stores the entries that were read; without entries the row goes.</summary>
    public async ValueTask StoreAsync(SubjectSegment segment)
    {
        segment.Count = segment.Entries!.Count;
        if (segment.Count > 0)
        {
            segment.DueAt = segment.Entries.Min(static entry => entry.ExpiresAt);
            segment.ETag = await storage.WriteAsync(State, RowOf(segment.Row), SubjectCodec.EncodeSegment(segment.Entries), segment.ETag);
        }
        else if (segment.ETag is not null)
        {
            await storage.ClearAsync(State, RowOf(segment.Row), segment.ETag);
        }
    }

    /// <summary>Deletes a row that may be there.</summary>
    public ValueTask DeleteAsync(ulong number) => storage.DeleteAsync(State, RowOf(number));

    private GrainId RowOf(ulong number) => GrainId.Create("session-subject-segment", $"{list.Key}-{number:x16}");
}
