using Microsoft.Extensions.Options;

namespace ServerSession.Grains;

/// <summary>
/// How fast a silo sweeps: at most so many rows a second, and never for more than half of the time, so that a storage that answers slowly under
/// live traffic is asked less.
/// </summary>
internal sealed class SweepPace(IOptions<SessionGrainOptions> options, SessionClock clock) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly double _rowsPerSecond = options.Value.Expiry.RowsPerSecond;
    private readonly long _origin = clock.Monotonic.GetTimestamp();
    private TimeSpan _freeAt;

    /// <summary>Whether the silo stops: nothing is swept any more.</summary>
    public bool IsStopped => _stop.IsCancellationRequested;

    /// <summary>Ends all waiting.</summary>
    public Task StopAsync() => _stop.CancelAsync();

    public void Dispose() => _stop.Dispose();

    /// <summary>Waits until so many rows may be looked at; false when the silo stops.</summary>
    public async ValueTask<bool> WaitAsync(int rows)
    {
        TimeSpan wait;
        lock (_lock)
        {
            var now = clock.Monotonic.GetElapsedTime(_origin);
            var from = now > _freeAt ? now : _freeAt;
            _freeAt = from + TimeSpan.FromSeconds(rows / _rowsPerSecond);
            wait = from - now;
        }

        if (wait > TimeSpan.Zero && !IsStopped)
        {
            await Task.Delay(wait, clock.Monotonic, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        return !IsStopped;
    }

    /// <summary>Says how long the look at these rows has taken: the silo rests for as long.</summary>
    public void Took(TimeSpan time)
    {
        lock (_lock)
        {
            var free = clock.Monotonic.GetElapsedTime(_origin) + time;
            _freeAt = free > _freeAt ? free : _freeAt;
        }
    }
}
