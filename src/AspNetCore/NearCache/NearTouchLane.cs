using System.Diagnostics.CodeAnalysis;

namespace ServerSession.AspNetCore;

/// <summary>Entries whose sessions are to be told of an access, and how many workers tell them at the same time.</summary>
internal sealed class NearTouchLane(int workersAtOnce)
{
    private readonly Lock _lock = new();
    private readonly Queue<NearEntry> _entries = new();
    private int _workers;

    public void Add(NearEntry entry)
    {
        lock (_lock)
        {
            _entries.Enqueue(entry);
        }
    }

    /// <summary>Counts another worker where there is work for one; it takes entries until there are none.</summary>
    public bool TryAddWorker()
    {
        lock (_lock)
        {
            if (_workers == workersAtOnce || _entries.Count == 0)
            {
                return false;
            }

            _workers++;
            return true;
        }
    }

    /// <summary>Takes the next entry; where there is none the worker is done.</summary>
    public bool TryTake([MaybeNullWhen(false)] out NearEntry entry)
    {
        lock (_lock)
        {
            if (_entries.TryDequeue(out entry))
            {
                return true;
            }

            _workers--;
            return false;
        }
    }
}
