namespace ServerSession.AspNetCore;

/// <summary>
/// The silos' links to this frontend, and when a message came over each last. Only messages count: a silo may answer calls while its messages are
/// lost, or while a link that it gave up has been replaced by another. A timer runs while there is a link.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="onSilent">Hears of a link that has fallen silent; it is forgotten by then.</param>
internal sealed class HeardLinks(TimeProvider time, Action<Guid> onSilent) : IDisposable
{
    /// <summary>After which time without a message a link counts as silent. A silo speaks once a second.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, long> _heard = [];
    private ITimer? _timer;
    private bool _disposed;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _heard.Count;
            }
        }
    }

    /// <summary>An answer named a link: messages have to come over it from now on.</summary>
    public void Expect(Guid link)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (_heard.TryAdd(link, now) && _timer is null && !_disposed)
            {
                using (ExecutionContext.SuppressFlow())
                {
                    _timer = time.CreateTimer(static links => ((HeardLinks)links!).Check(), this, CheckInterval, CheckInterval);
                }
            }
        }
    }

    /// <summary>A message came over a link. One that no answer has named yet is not waited for.</summary>
    public void Hear(Guid link)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (_heard.TryGetValue(link, out var before) && before < now)
            {
                _heard[link] = now;
            }
        }
    }

    public bool Contains(Guid link)
    {
        lock (_lock)
        {
            return _heard.ContainsKey(link);
        }
    }

    /// <summary>Forgets a link; false where it is not known.</summary>
    public bool Remove(Guid link)
    {
        lock (_lock)
        {
            return _heard.Remove(link);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    private void Check()
    {
        List<Guid>? silent = null;
        lock (_lock)
        {
            foreach (var (link, heard) in _heard)
            {
                if (time.GetElapsedTime(heard) > LongestSilence)
                {
                    (silent ??= []).Add(link);
                }
            }

            foreach (var link in silent ?? [])
            {
                _heard.Remove(link);
            }

            // Under the lock under which a link is added: one that is added now makes a timer of its own.
            if (_heard.Count == 0)
            {
                _timer?.Dispose();
                _timer = null;
            }
        }

        foreach (var link in silent ?? [])
        {
            onSilent(link);
        }
    }
}
