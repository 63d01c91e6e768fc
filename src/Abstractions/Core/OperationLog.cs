namespace ServerSession.Core;

/// <summary>
/// The operations of the last window, in the order of their arrival: an immutable view. A repeat is answered from here; whatever is dropped
/// raises the floor, and an operation issued at or before the floor is refused, so that nothing is ever applied twice: not for want of
/// room, and not after the session moved to a silo whose clock is behind.
/// </summary>
/// <remarks>
/// Adding costs the same however many operations there are: the newest view appends in place to a shared slab, the oldest records are passed
/// over by moving the start, and records are copied only when the slab is full, mostly empty, or keeps too many dropped results alive.
/// </remarks>
internal sealed class OperationLog
{
    /// <summary>How many operations are remembered at most.</summary>
    public const int MaximumRecords = 1024;

    /// <summary>How many bytes of results and refusals are remembered at most, beside the newest operation's.</summary>
    public const int MaximumResultBytes = 64 * 1024;

    private const int SmallSlab = 4;

    /// <summary>Stands for the newest of records of several sources: no number is above it.</summary>
    private static readonly OperationId OfSeveral = new(0, ulong.MaxValue);

    private readonly OperationSlab _slab;
    private readonly int _start;
    private readonly int _count;
    private readonly int _sent;
    private readonly long _liveBytes;
    private readonly long _deadBytes;
    private readonly long _floorTicks;
    private readonly OperationId _newest;

    /// <summary>Makes the log of records that were stored, oldest first.</summary>
    public OperationLog(ReadOnlySpan<OperationRecord> records, DateTimeOffset floor)
        : this(new OperationSlab(records, records.Length), 0, records.Length, SentIn(records), BytesOf(records), 0, floor.UtcTicks, NewestOf(records))
    {
    }

    private OperationLog(OperationSlab slab, int start, int count, int sent, long liveBytes, long deadBytes, long floorTicks, OperationId newest)
    {
        _slab = slab;
        _start = start;
        _count = count;
        _sent = sent;
        _liveBytes = liveBytes;
        _deadBytes = deadBytes;
        _floorTicks = floorTicks;
        _newest = newest;
    }

    public static OperationLog Empty { get; } = new([], DateTimeOffset.MinValue);

    /// <summary>Whether any of the operations was sent, so that a copy of it may arrive yet. Most sessions are committed to beside their grain only.</summary>
    public bool HasSent => _sent > 0;

    public ReadOnlySpan<OperationRecord> Records => _slab.View(_start, _count);

    /// <summary>The records from an index on that are stored together; the next run begins after them.</summary>
    public OperationRun RunFrom(int index) => _slab.Run(_start + index, _start + _count);

    /// <summary>Operations issued at or before this time may have been forgotten.</summary>
    public DateTimeOffset Floor => new(_floorTicks, TimeSpan.Zero);

    /// <summary>For how many records there is memory.</summary>
    internal int Capacity => _slab.Capacity;

    /// <summary>
    /// Finds the record of a repeat. A first arrival is mostly known by its number: where every record is of one frontend, a number above all
    /// of theirs is new.
    /// </summary>
    public bool TryFind(OperationId id, out OperationRecord record)
    {
        if (id.Source == _newest.Source && id.Sequence > _newest.Sequence)
        {
            record = default;
            return false;
        }

        var records = Records;
        for (var index = records.Length - 1; index >= 0; index--)
        {
            if (records[index].Id == id)
            {
                record = records[index];
                return true;
            }
        }

        record = default;
        return false;
    }

    /// <summary>Adds an operation, and drops from the oldest on those whose window has passed or for which there is no room.</summary>
    public OperationLog Add(in OperationRecord record, DateTimeOffset now, TimeSpan window)
    {
        var records = Records;
        var oldest = now.UtcTicks - window.Ticks;
        var dropped = 0;
        var sent = _sent + Sent(in record);
        var bytes = _liveBytes;
        var floor = _floorTicks;
        while (dropped < records.Length
            && (records[dropped].IssuedTicks < oldest || records.Length - dropped >= MaximumRecords || bytes > MaximumResultBytes))
        {
            sent -= Sent(in records[dropped]);
            bytes -= records[dropped].DetailBytes;
            floor = Math.Max(floor, records[dropped].IssuedTicks);
            dropped++;
        }

        var count = records.Length - dropped + 1;
        var newest = count == 1 ? record.Id : Newer(_newest, record.Id);
        var deadBytes = _deadBytes + _liveBytes - bytes;
        bytes += record.DetailBytes;
        var sparse = _slab.Capacity > SmallSlab && count * 4 <= _slab.Capacity;
        if (!sparse && deadBytes <= MaximumResultBytes && _slab.TryAppend(_start + _count, in record))
        {
            return new OperationLog(_slab, _start + dropped, count, sent, bytes, deadBytes, floor, newest);
        }

        var slab = new OperationSlab(records[dropped..], count == 1 ? 1 : count * 2);
        slab.TryAppend(count - 1, in record);
        return new OperationLog(slab, 0, count, sent, bytes, 0, floor, newest);
    }

    /// <summary>The highest number where all are of one source.</summary>
    private static OperationId NewestOf(ReadOnlySpan<OperationRecord> records)
    {
        var newest = records.IsEmpty ? default : records[0].Id;
        foreach (ref readonly var record in records)
        {
            newest = Newer(newest, record.Id);
        }

        return newest;
    }

    private static OperationId Newer(OperationId one, OperationId other) =>
        one.Source != other.Source ? OfSeveral : one.Sequence > other.Sequence ? one : other;

    private static int SentIn(ReadOnlySpan<OperationRecord> records)
    {
        var sent = 0;
        foreach (ref readonly var record in records)
        {
            sent += Sent(in record);
        }

        return sent;
    }

    private static int Sent(in OperationRecord record) => record.IsBeside ? 0 : 1;

    private static long BytesOf(ReadOnlySpan<OperationRecord> records)
    {
        long bytes = 0;
        foreach (ref readonly var record in records)
        {
            bytes += record.DetailBytes;
        }

        return bytes;
    }
}
