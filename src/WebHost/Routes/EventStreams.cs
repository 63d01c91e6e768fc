using System.Collections.Concurrent;

namespace ServerSession.WebHost;

/// <summary>How many streams each session has open here: a page that connects over and over must not fill this process.</summary>
internal sealed class EventStreams
{
    /// <summary>The most streams of one session.</summary>
    public const int Most = 16;

    private readonly ConcurrentDictionary<SessionId, int> _open = new();

    public bool TryOpen(SessionId id)
    {
        while (true)
        {
            var open = _open.GetOrAdd(id, 0);
            if (open >= Most)
            {
                return false;
            }

            if (_open.TryUpdate(id, open + 1, open))
            {
                return true;
            }
        }
    }

    public void Close(SessionId id)
    {
        while (_open.TryGetValue(id, out var open))
        {
            if (open <= 1 ? _open.TryRemove(new(id, open)) : _open.TryUpdate(id, open - 1, open))
            {
                return;
            }
        }
    }
}
