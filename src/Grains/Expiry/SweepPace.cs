using Microsoft.Extensions.Options;

namespace ServerSession.Expiry;

/// <summary>
/// How fast a silo sweeps: at most so many rows a second, and never for more than half of the time, so that a storage that answers slowly under
/// live traffic is asked less.
/// </summary>
internal sealed class SweepPace(IOptions<SessionGrainOptions> options, SessionClock clock)
{
    private readonly Lock _lock = new();
    private readonly double _rowsPerSecond = options.Value.Expiry.RowsPerSecond;
    private readonly long _origin = clock.Steady.GetTimestamp();
    private TimeSpan _freeAt;

    /// <summary>Waits until so many rows may be looked at.</summary>
    public async ValueTask WaitAsync(int rows)
    {
        TimeSpan wait;
        lock (_lock)
        {
            var now = clock.Steady.GetElapsedTime(_origin);
            var from = now > _freeAt ? now : _freeAt;
            _freeAt = from + TimeSpan.FromSeconds(rows / _rowsPerSecond);
            wait = from - now;
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, clock.Steady);
        }
    }

    /// <summary>Says how long the look at these rows has taken: the silo rests for as long.</summary>
    public void Took(TimeSpan time)
    {
        lock (_lock)
        {
            var free = clock.Steady.GetElapsedTime(_origin) + time;
            _freeAt = free > _freeAt ? free : _freeAt;
        }
    }
}
