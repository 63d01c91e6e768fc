using Microsoft.Extensions.Logging.Abstractions;

namespace ServerSession.Tests.Timers;

/// <summary>A started wheel whose clock and ticks only the test moves.</summary>
internal sealed class WheelBench : IDisposable
{
    private readonly HandClock _clock = new();

    public WheelBench()
    {
        Wheel = new ExpiryWheel(
            new SessionClock(TimeProvider.System) { Monotonic = _clock }, Microsoft.Extensions.Options.Options.Create(new SessionGrainOptions()), NullLogger<ExpiryWheel>.Instance);
        Wheel.Start();
    }

    public ExpiryWheel Wheel { get; }

    /// <summary>Moves the clock and lets the wheel look at it once, as after a pause of the process.</summary>
    public void Jump(TimeSpan span)
    {
        _clock.Advance(span);
        _clock.Fire();
    }

    /// <summary>Moves the clock by as many ticks.</summary>
    public void Tick(int count = 1)
    {
        for (; count > 0; count--)
        {
            Jump(ExpiryWheel.TickLength);
        }
    }

    public void Dispose() => Wheel.Dispose();

    private sealed class HandClock : TimeProvider, ITimer
    {
        private TimerCallback? _callback;
        private object? _state;
        private long _now = TimeSpan.TicksPerDay;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _now);

        public void Advance(TimeSpan span) => Interlocked.Add(ref _now, span.Ticks);

        public void Fire() => _callback?.Invoke(_state);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_callback, _state) = (callback, state);
            return this;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => _callback = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>A grain that does what the test says when it is called.</summary>
internal sealed class Owner : IExpiring
{
    public Owner(Func<Task>? whenCalled = null)
    {
        WhenCalled = whenCalled ?? (static () => Task.CompletedTask);
        Entry = new ExpiryEntry(this);
    }

    public ExpiryEntry Entry { get; }

    public Func<Task> WhenCalled { get; set; }

    public int Calls => _calls;

    private int _calls;

    public Task ExpireIfDueAsync()
    {
        Interlocked.Increment(ref _calls);
        return WhenCalled();
    }
}
