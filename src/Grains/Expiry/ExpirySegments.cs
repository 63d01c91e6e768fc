using Orleans.Runtime;
using Orleans.Storage;

namespace ServerSession.Grains;

/// <summary>The rows of a shard's sealed segments. What is listed as a segment is the head's to say (<see cref="ExpiryHead"/>).</summary>
internal sealed class ExpirySegments(SessionStorage storage, GrainId shard)
{
    public const string State = "expiry-segment";

    /// <summary>Reads a segment to look at its pages; null where it has no row.</summary>
    public async ValueTask<SegmentInWork?> ReadAsync(ExpirySegment segment, Guid? run) =>
        await storage.ReadAsync(State, RowOf(segment.Number)) is { } row ? new SegmentInWork(segment, ExpiryCodec.DecodeSegment(row.Bytes), row.ETag, run) : null;

    /// <summary>Writes the row of a new segment.</summary>
    /// <exception cref="InconsistentStateException">There is a row of that number.</exception>
    public async ValueTask InsertAsync(ulong number, IReadOnlyList<ExpiryPage> pages) =>
        await storage.WriteAsync(State, RowOf(number), ExpiryCodec.EncodeSegment(pages), null);

    /// <summary>Stores the pages that are left of a segment.</summary>
    public async ValueTask StoreAsync(SegmentInWork segment)
    {
        segment.ETag = await storage.WriteAsync(State, RowOf(segment.Entry.Number), ExpiryCodec.EncodeSegment(segment.Pages), segment.ETag);
        segment.IsDirty = false;
    }

    /// <summary>Deletes the row of a segment without pages.</summary>
    public ValueTask ClearAsync(SegmentInWork segment) => storage.ClearAsync(State, RowOf(segment.Entry.Number), segment.ETag);

    /// <summary>Deletes a row that may be there.</summary>
    public ValueTask DeleteAsync(ulong number) => storage.DeleteAsync(State, RowOf(number));

    private GrainId RowOf(ulong number) => GrainId.Create("session-expiry-segment", $"{shard.Key}-{number:x16}");
}
