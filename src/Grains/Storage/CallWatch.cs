using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>
/// Times out storage calls with one timer for all of them, because a timer for each call would cost more than the call's other bookkeeping. The timer
/// fires several times per time-out, and only while calls are under way.
/// </summary>
internal sealed class CallWatch : IDisposable
{
    private const int ChecksPerTimeout = 20;

    private readonly Lock _gate = new();
    private readonly TimeSpan _time;
    private readonly TimeSpan _pause;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private BoundedCall? _first;
    private BoundedCall? _last;
    private bool _isRunning;

    /// <summary>Creates a watch over calls that may take <paramref name="time"/> each.</summary>
    public CallWatch(TimeSpan time, TimeProvider clock)
    {
        _time = time;
        _pause = time / ChecksPerTimeout;
        _clock = clock;
        using (ExecutionContext.SuppressFlow())
        {
            _timer = clock.CreateTimer(static watch => ((CallWatch)watch!).EndOverdue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Add(BoundedCall call)
    {
        call.StartedAt = _clock.GetTimestamp();
        lock (_gate)
        {
            call.Earlier = _last;
            if (_last is null)
            {
                _first = call;
            }
            else
            {
                _last.Later = call;
            }

            _last = call;
            if (!_isRunning)
            {
                _isRunning = true;
                _timer.Change(_pause, _pause);
            }
        }
    }

    public void Remove(BoundedCall call)
    {
        lock (_gate)
        {
            if (call.Earlier is not null)
            {
                call.Earlier.Later = call.Later;
            }
            else if (_first == call)
            {
                _first = call.Later;
            }

            if (call.Later is not null)
            {
                call.Later.Earlier = call.Earlier;
            }
            else if (_last == call)
            {
                _last = call.Earlier;
            }

            call.Earlier = call.Later = null;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void EndOverdue()
    {
        while (TakeOverdue() is { } call)
        {
            call.TimeOut();
        }
    }

    private BoundedCall? TakeOverdue()
    {
        lock (_gate)
        {
            if (_first is not { } first)
            {
                _isRunning = false;
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                return null;
            }

            if (_clock.GetElapsedTime(first.StartedAt) < _time)
            {
                return null;
            }

            Remove(first);
            return first;
        }
    }
}
