namespace ServerSession.Core;

/// <summary>
/// Idempotency log: results of the operations accepted within the window, in the order of their arrival, and of the newest local one, to answer
/// retries. It is an immutable view. Dropping an entry that may be repeated raises <see cref="ExpiredThrough"/>, and an operation issued at or
/// before that time is refused. So no operation is applied twice, neither when the log is full nor after the session moved to a silo whose clock is behind.
/// </summary>
/// <remarks>
/// Adding takes constant time: the newest view appends in place to a shared buffer, expired records are skipped by moving the start, and records
/// are copied only when the buffer is full, mostly empty, or keeps too many dropped results alive.
/// </remarks>
internal sealed class OperationLog
{
    /// <summary>The maximum number of operations that are remembered, the newest local one not counted.</summary>
    public const int MaximumRecords = 1024;

    /// <summary>The maximum size of the remembered results and refusals in bytes, those of the newest operation not counted.</summary>
    public const int MaximumResultBytes = 64 * 1024;

    private const int SmallBuffer = 4;

    /// <summary>Stands for the newest of records of several sources: no number is above it.</summary>
    private static readonly OperationId OfSeveral = new(0, ulong.MaxValue);

    private readonly RecordBuffer _buffer;
    private readonly int _start;
    private readonly int _count;
    private readonly long _liveBytes;
    private readonly long _deadBytes;
    private readonly long _expiredThroughTicks;
    private readonly OperationId _newest;
    private readonly OperationRecord _local;

    /// <summary>Makes the log of records that were stored, oldest first.</summary>
    public OperationLog(ReadOnlySpan<OperationRecord> records, DateTimeOffset expiredThrough)
        : this(new RecordBuffer(records, records.Length), 0, records.Length, BytesOf(records), 0, expiredThrough.UtcTicks, NewestOf(records), default)
    {
    }

    private OperationLog(
        RecordBuffer buffer, int start, int count, long liveBytes, long deadBytes, long expiredThroughTicks, OperationId newest, in OperationRecord local)
    {
        _buffer = buffer;
        _start = start;
        _count = count;
        _liveBytes = liveBytes;
        _deadBytes = deadBytes;
        _expiredThroughTicks = expiredThroughTicks;
        _newest = newest;
        _local = local;
    }

    public static OperationLog Empty { get; } = new([], DateTimeOffset.MinValue);

    /// <summary>The operations that may be repeated: they were sent as a message, their caller may have given up, or they were read from the storage.</summary>
    public ReadOnlySpan<OperationRecord> Records => _buffer.View(_start, _count);

    /// <summary>The newest operation, if it was made locally: one record or none.</summary>
    public ReadOnlySpan<OperationRecord> Local => _local.Id == default ? [] : new ReadOnlySpan<OperationRecord>(in _local);

    /// <summary>The block of records that starts at an index; blocks are stored separately.</summary>
    public OperationBlock BlockFrom(int index) => _buffer.Block(_start + index, _start + _count);

    /// <summary>Operations issued at or before this time may have been forgotten.</summary>
    public DateTimeOffset ExpiredThrough => new(_expiredThroughTicks, TimeSpan.Zero);

    /// <summary>The number of records that the buffer can hold.</summary>
    internal int Capacity => _buffer.Capacity;

    /// <summary>
    /// Finds the record of a repeated operation. Most first arrivals are recognised by their sequence number: if all records come from one frontend,
    /// a number above all of them is new.
    /// </summary>
    public bool TryFind(OperationId id, out OperationRecord record)
    {
        if (id.Source == _newest.Source && id.Sequence > _newest.Sequence)
        {
            record = default;
            return false;
        }

        if (Local is [var local] && local.Id == id)
        {
            record = local;
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

    /// <summary>Adds an operation that may be repeated, and drops the oldest ones whose window has passed or which exceed the capacity.</summary>
    public OperationLog Add(in OperationRecord record, DateTimeOffset now, TimeSpan window)
    {
        var dropped = Overdue(now, window, reserved: 1, out var bytes, out var expiredThrough);
        var count = _count - dropped + 1;
        var newest = NewestWith(record.Id, isOnly: count == 1);
        var deadBytes = _deadBytes + _liveBytes - bytes;
        bytes += record.DetailBytes;
        if (!IsWasteful(count, deadBytes) && _buffer.TryAppend(_start + _count, in record))
        {
            return new OperationLog(_buffer, _start + dropped, count, bytes, deadBytes, expiredThrough, newest, default);
        }

        var buffer = new RecordBuffer(Records[dropped..], count == 1 ? 1 : count * 2);
        buffer.TryAppend(count - 1, in record);
        return new OperationLog(buffer, 0, count, bytes, 0, expiredThrough, newest, default);
    }

    /// <summary>
    /// Adds a local operation, and drops what <see cref="Add"/> drops. It replaces the local operation before it: that one was never sent as a message
    /// and its caller has the answer, so it is not repeated.
    /// </summary>
    public OperationLog AddLocal(in OperationRecord record, DateTimeOffset now, TimeSpan window)
    {
        var dropped = Overdue(now, window, reserved: 0, out var bytes, out var expiredThrough);
        var count = _count - dropped;
        var newest = NewestWith(record.Id, isOnly: count == 0);
        var deadBytes = _deadBytes + _liveBytes - bytes;
        return IsWasteful(count, deadBytes)
            ? new OperationLog(new RecordBuffer(Records[dropped..], count), 0, count, bytes, 0, expiredThrough, newest, in record)
            : new OperationLog(_buffer, _start + dropped, count, bytes, deadBytes, expiredThrough, newest, in record);
    }

    /// <summary>How many of the oldest are to be dropped, and what the rest amounts to.</summary>
    private int Overdue(DateTimeOffset now, TimeSpan window, int reserved, out long bytes, out long expiredThrough)
    {
        var records = Records;
        var oldest = now.UtcTicks - window.Ticks;
        var dropped = 0;
        bytes = _liveBytes;
        expiredThrough = _expiredThroughTicks;
        while (dropped < records.Length
            && (records[dropped].IssuedTicks < oldest || records.Length - dropped > MaximumRecords - reserved || bytes > MaximumResultBytes))
        {
            bytes -= records[dropped].DetailBytes;
            expiredThrough = Math.Max(expiredThrough, records[dropped].IssuedTicks);
            dropped++;
        }

        return dropped;
    }

    /// <summary>Whether to copy the records that are left, because too little of the buffer is of use.</summary>
    private bool IsWasteful(int count, long deadBytes) =>
        (_buffer.Capacity > SmallBuffer && count * 4 <= _buffer.Capacity) || deadBytes > MaximumResultBytes;

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
