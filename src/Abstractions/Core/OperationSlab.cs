namespace ServerSession.Core;

/// <summary>
/// The records that several views of an operation log share: slots are filled once and never change, so that a view can be read while a
/// newer one is made, and one that was abandoned harms nobody.
/// </summary>
internal sealed class OperationSlab
{
    /// <summary>How many records make one run, counted from the slab's first slot.</summary>
    public const int RunLength = 32;

    private readonly OperationRecord[] _slots;
    private byte[]?[]? _kept;
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

    /// <summary>The records from <paramref name="start"/> to the end of their run, or to <paramref name="end"/> where that comes first.</summary>
    public OperationRun Run(int start, int end)
    {
        var run = start / RunLength;
        var runEnd = (run + 1) * RunLength;
        if (start % RunLength != 0 || runEnd > end)
        {
            return new OperationRun(View(start, Math.Min(runEnd, end) - start), []);
        }

        _kept ??= new byte[]?[_slots.Length / RunLength];
        return new OperationRun(View(start, RunLength), _kept.AsSpan(run, 1));
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
