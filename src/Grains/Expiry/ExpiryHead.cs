using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>The head row of a shard's index: the newest pages, and which rows there are beside it.</summary>
internal sealed class ExpiryHead(SessionStorage storage, GrainId shard)
{
    public const string State = "expiry-head";

    private string? _etag;
    private bool _isLoaded;

    /// <summary>The pages that stand in no segment.</summary>
    public List<ExpiryPage> Open { get; private set; } = [];

    public List<ExpirySegment> Segments { get; private set; } = [];

    /// <summary>The numbers of rows that are to be deleted.</summary>
    public List<ulong> Garbage { get; private set; } = [];

    /// <summary>The number of the next segment: announced before its row is written, so that a row which was written and never listed is found again.</summary>
    public ulong Next { get; set; }

    /// <summary>Whether the row lacks something.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Reads the row, once.</summary>
    public async ValueTask LoadAsync()
    {
        if (_isLoaded)
        {
            return;
        }

        if (await storage.ReadAsync(State, shard) is { } row)
        {
            (Open, Segments, Next, Garbage) = ExpiryCodec.DecodeHead(row.Bytes);
            _etag = row.ETag;
        }
        else
        {
            Next = RowNumber.New();
        }

        _isLoaded = true;
    }

    /// <summary>Writes the row, or deletes it where nothing is left of the index.</summary>
    public async ValueTask WriteAsync(ExpirySegments rows)
    {
        if (Open.Count > 0 || Segments.Count > 0 || Garbage.Count > 0)
        {
            _etag = await storage.WriteAsync(State, shard, ExpiryCodec.EncodeHead(Open, Segments, Next, Garbage), _etag);
        }
        else if (_etag is not null)
        {
            await rows.DeleteAsync(Next);
            await storage.ClearAsync(State, shard, _etag);
            _etag = null;
            Next = RowNumber.New();
        }

        IsDirty = false;
    }
}
