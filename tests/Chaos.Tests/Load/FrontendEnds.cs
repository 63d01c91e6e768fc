namespace ServerSession.Tests;

/// <summary>
/// Knows which frontends are being ended by the test, and when that was: from before the signal until the frontend is ready again. A connection may break for a
/// request to such a frontend that was in flight at some moment of that time, and for no other.
/// </summary>
internal sealed class FrontendEnds
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Uri, int> _underWay = [];
    private readonly Dictionary<Uri, long> _overAt = [];
    private long _moments;

    /// <summary>A moment, to be compared with ends that are over.</summary>
    public long Now => Interlocked.Increment(ref _moments);

    /// <summary>An end begins, and is over when the result is disposed of.</summary>
    public IDisposable Begin(Uri frontend)
    {
        lock (_lock)
        {
            _underWay[frontend] = _underWay.GetValueOrDefault(frontend) + 1;
        }

        return new End(this, frontend);
    }

    /// <summary>Whether the frontend is being ended now, or was after a moment.</summary>
    public bool IsEndedSince(Uri frontend, long moment)
    {
        lock (_lock)
        {
            return _underWay.GetValueOrDefault(frontend) > 0 || _overAt.GetValueOrDefault(frontend) > moment;
        }
    }

    private void Over(Uri frontend)
    {
        lock (_lock)
        {
            _underWay[frontend]--;
            _overAt[frontend] = Now;
        }
    }

    private sealed class End(FrontendEnds ends, Uri frontend) : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                ends.Over(frontend);
            }
        }
    }
}
