namespace ServerSession.Core;

/// <summary>
/// An append-only buffer of records that several views of an operation log share. A slot is written once and never changes, so a view can be read
/// while a newer one is made, and an abandoned view affects no other.
/// </summary>
internal sealed class RecordBuffer
{
    /// <summary>The number of records in one block, counted from the buffer's first slot.</summary>
    public const int BlockLength = 32;

    private readonly OperationRecord[] _slots;
    private byte[]?[]? _encodings;
    private int _used;

    /// <summary>Copies records into a buffer with capacity for <paramref name="capacity"/>.</summary>
    public RecordBuffer(ReadOnlySpan<OperationRecord> records, int capacity)
    {
        _slots = capacity == 0 ? [] : new OperationRecord[capacity];
        records.CopyTo(_slots);
        _used = records.Length;
    }

    public int Capacity => _slots.Length;

    public ReadOnlySpan<OperationRecord> View(int start, int count) => _slots.AsSpan(start, count);

    /// <summary>The records from <paramref name="start"/> to the end of their block, or to <paramref name="end"/> if that comes first.</summary>
    public OperationBlock Block(int start, int end)
    {
        var block = start / BlockLength;
        var blockEnd = (block + 1) * BlockLength;
        if (start % BlockLength != 0 || blockEnd > end)
        {
            return new OperationBlock(View(start, Math.Min(blockEnd, end) - start), []);
        }

        _encodings ??= new byte[]?[_slots.Length / BlockLength];
        return new OperationBlock(View(start, BlockLength), _encodings.AsSpan(block, 1));
    }

    /// <summary>Fills the slot after a view's end, unless it is taken (by a view that was abandoned) or there is none.</summary>
    public bool TryAppend(int end, in OperationRecord record)
    {
        if (end >= _slots.Length || Interlocked.CompareExchange(ref _used, end + 1, end) != end)
        {
            return false;
        }

        _slots[end] = record;
        return true;
    }
}
