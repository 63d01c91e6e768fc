namespace ServerSession.Core;

/// <summary>
/// The records that several views of an operation log share: slots are filled once and never change, so that a view can be read while a
/// newer one is made, and one that was abandoned harms nobody.
/// </summary>
internal sealed class OperationSlab
{
    private readonly OperationRecord[] _slots;
    private int _used;

    /// <summary>Copies records into a slab with room for <paramref name="capacity"/>.</summary>
    public OperationSlab(ReadOnlySpan<OperationRecord> records, int capacity)
    {
        _slots = capacity == 0 ? [] : new OperationRecord[capacity];
        records.CopyTo(_slots);
        _used = records.Length;
    }

    public int Capacity => _slots.Length;

    public ReadOnlySpan<OperationRecord> View(int start, int count) => _slots.AsSpan(start, count);

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
