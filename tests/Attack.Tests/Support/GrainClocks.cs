using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests.Support;

/// <summary>
/// Gives every session a separate clock, so that hundreds of them live in one cluster and each sees its own time pass; on top of that
/// every silo is ahead or behind by a fixed skew.
/// </summary>
public sealed class GrainClocks(TimeSpan skew)
{
    private static readonly AsyncLocal<GrainClock?> Used = new();

    private readonly ConcurrentDictionary<GrainId, GrainClock> _clocks = new();
    private int _silos;

    /// <summary>How far the clock of a silo is from the case's at most, in both directions.</summary>
    public TimeSpan Skew => skew;

    /// <summary>Makes the clock of a session.</summary>
    public GrainClock Add(GrainId grain) => _clocks[grain] = new GrainClock();

    public void Remove(GrainId grain) => _clocks.TryRemove(grain, out _);

    /// <summary>Makes it the clock of what is begun outside of a session, until it is given back.</summary>
    public IDisposable Use(GrainClock clock)
    {
        Used.Value = clock;
        return new Using();
    }

    public void Configure(ISiloBuilder silo) => silo.Services.AddSingleton(services =>
        new SessionClock(new SiloTime(this, services.GetRequiredService<IGrainContextAccessor>(), skew * (Interlocked.Increment(ref _silos) % 3 - 1))));

    private sealed class SiloTime(GrainClocks clocks, IGrainContextAccessor accessor, TimeSpan offset) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() =>
            (Used.Value?.Now ?? (accessor.GrainContext is { } context && clocks._clocks.TryGetValue(context.GrainId, out var clock) ? clock.Now : GrainClock.Start)) + offset;
    }

    private sealed class Using : IDisposable
    {
        public void Dispose() => Used.Value = null;
    }
}

/// <summary>A clock that remembers where it stood.</summary>
public sealed class GrainClock
{
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly List<DateTimeOffset> _times = [Start];

    public DateTimeOffset Now
    {
        get
        {
            lock (_gate)
            {
                return _times[^1];
            }
        }
    }

    /// <summary>A moment to ask <see cref="Since"/> about.</summary>
    public int Mark
    {
        get
        {
            lock (_gate)
            {
                return _times.Count - 1;
            }
        }
    }

    public void Move(TimeSpan by)
    {
        lock (_gate)
        {
            _times.Add(_times[^1] + by);
        }
    }

    /// <summary>The earliest and the latest time that the clock has shown since a mark.</summary>
    public (DateTimeOffset Earliest, DateTimeOffset Latest) Since(int mark)
    {
        lock (_gate)
        {
            var times = _times[mark..];
            return (times.Min(), times.Max());
        }
    }
}
