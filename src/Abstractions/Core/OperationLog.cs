namespace ServerSession.Core;

/// <summary>
/// The operations of the last window that may be repeated, in the order of their arrival, and the newest made beside the grain: an immutable
/// view. A repeat is answered from here; what may be repeated and is dropped raises the floor, and an operation issued at or before the floor is
/// refused, so that nothing is ever applied twice: not for want of room, and not after the session moved to a silo whose clock is behind.
/// </summary>
/// <remarks>
/// Adding costs the same however many operations there are: the newest view appends in place to a shared slab, the oldest records are passed
/// over by moving the start, and records are copied only when the slab is full, mostly empty, or keeps too many dropped results alive.
/// </remarks>
internal sealed class OperationLog
{
    /// <summary>How many operations are remembered at most, beside the newest one made beside the grain.</summary>
    public const int MaximumRecords = 1024;

    /// <summary>How many bytes of results and refusals are remembered at most, beside the newest operation's.</summary>
    public const int MaximumResultBytes = 64 * 1024;

    private const int SmallSlab = 4;

    /// <summary>Stands for the newest of records of several sources: no number is above it.</summary>
    private static readonly OperationId OfSeveral = new(0, ulong.MaxValue);

    private readonly OperationSlab _slab;
    private readonly int _start;
    private readonly int _count;
    private readonly long _liveBytes;
    private readonly long _deadBytes;
    private readonly long _floorTicks;
    private readonly OperationId _newest;
    private readonly OperationRecord _beside;

    /// <summary>Makes the log of records that were stored, oldest first.</summary>
    public OperationLog(ReadOnlySpan<OperationRecord> records, DateTimeOffset floor)
        : this(new OperationSlab(records, records.Length), 0, records.Length, BytesOf(records), 0, floor.UtcTicks, NewestOf(records), default)
    {
    }

    private OperationLog(
        OperationSlab slab, int start, int count, long liveBytes, long deadBytes, long floorTicks, OperationId newest, in OperationRecord beside)
    {
        _slab = slab;
        _start = start;
        _count = count;
        _liveBytes = liveBytes;
        _deadBytes = deadBytes;
        _floorTicks = floorTicks;
        _newest = newest;
        _beside = beside;
    }

    public static OperationLog Empty { get; } = new([], DateTimeOffset.MinValue);

    /// <summary>The operations that may be repeated: a message of them was sent, their caller may have given up, or they were stored before.</summary>
    public ReadOnlySpan<OperationRecord> Records => _slab.View(_start, _count);

    /// <summary>The newest operation, where a frontend made it beside the grain: one record or none.</summary>
    public ReadOnlySpan<OperationRecord> Beside => _beside.Id == default ? [] : new ReadOnlySpan<OperationRecord>(in _beside);

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

        if (Beside is [var beside] && beside.Id == id)
        {
            record = beside;
            return true;
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

    /// <summary>Adds an operation that may be repeated, and drops from the oldest on those whose window has passed or for which there is no room.</summary>
    public OperationLog Add(in OperationRecord record, DateTimeOffset now, TimeSpan window)
    {
        var dropped = Overdue(now, window, room: 1, out var bytes, out var floor);
        var count = _count - dropped + 1;
        var newest = NewestWith(record.Id, isOnly: count == 1);
        var deadBytes = _deadBytes + _liveBytes - bytes;
        bytes += record.DetailBytes;
        if (!IsWasteful(count, deadBytes) && _slab.TryAppend(_start + _count, in record))
        {
            return new OperationLog(_slab, _start + dropped, count, bytes, deadBytes, floor, newest, default);
        }

        var slab = new OperationSlab(Records[dropped..], count == 1 ? 1 : count * 2);
        slab.TryAppend(count - 1, in record);
        return new OperationLog(slab, 0, count, bytes, 0, floor, newest, default);
    }

    /// <summary>
    /// Notes an operation that a frontend makes beside the grain, and drops what <see cref="Add"/> drops. It takes the place of the one before
    /// it, which has been answered by now to a caller that waited: no message of it exists, and nobody repeats what was answered.
    /// </summary>
    public OperationLog AddBeside(in OperationRecord record, DateTimeOffset now, TimeSpan window)
    {
        var dropped = Overdue(now, window, room: 0, out var bytes, out var floor);
        var count = _count - dropped;
        var newest = NewestWith(record.Id, isOnly: count == 0);
        var deadBytes = _deadBytes + _liveBytes - bytes;
        return IsWasteful(count, deadBytes)
            ? new OperationLog(new OperationSlab(Records[dropped..], count), 0, count, bytes, 0, floor, newest, in record)
            : new OperationLog(_slab, _start + dropped, count, bytes, deadBytes, floor, newest, in record);
    }

    /// <summary>How many of the oldest are to be dropped, and what the rest amounts to.</summary>
    private int Overdue(DateTimeOffset now, TimeSpan window, int room, out long bytes, out long floor)
    {
        var records = Records;
        var oldest = now.UtcTicks - window.Ticks;
        var dropped = 0;
        bytes = _liveBytes;
        floor = _floorTicks;
        while (dropped < records.Length
            && (records[dropped].IssuedTicks < oldest || records.Length - dropped > MaximumRecords - room || bytes > MaximumResultBytes))
        {
            bytes -= records[dropped].DetailBytes;
            floor = Math.Max(floor, records[dropped].IssuedTicks);
            dropped++;
        }

        return dropped;
    }

    /// <summary>Whether to copy the records that are left, because too little of the slab is of use.</summary>
    private bool IsWasteful(int count, long deadBytes) =>
        (_slab.Capacity > SmallSlab && count * 4 <= _slab.Capacity) || deadBytes > MaximumResultBytes;

    private OperationId NewestWith(OperationId id, bool isOnly) => isOnly ? id : Newer(_newest, id);

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
