using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace ServerSession.Tests;

/// <summary>A clock that stands still, and reports when somebody starts to wait on it.</summary>
internal sealed class TestClock() : FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    /// <summary>Whether every wait passes at once: the clock jumps to its end.</summary>
    public bool JumpsWaits { get; set; }

    /// <summary>Waits until somebody waits for that long or shorter, and reports how long.</summary>
    public async Task<TimeSpan> WaitedAsync(TimeSpan atMost)
    {
        while (true)
        {
            var wait = await _waits.Reader.ReadAsync(TestContext.Current.CancellationToken);
            if (wait <= atMost)
            {
                return wait;
            }
        }
    }

    /// <summary>Waits until somebody waits for that long.</summary>
    public async Task WaitedForAsync(TimeSpan wait)
    {
        while (await _waits.Reader.ReadAsync(TestContext.Current.CancellationToken) != wait)
        {
        }
    }

    /// <summary>Forgets the waits so far, so that <see cref="WaitedForAsync"/> tells of one that is to come.</summary>
    public void ForgetWaits()
    {
        while (_waits.Reader.TryRead(out _))
        {
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero)
        {
            _waits.Writer.TryWrite(dueTime);
            if (JumpsWaits)
            {
                var due = GetUtcNow() + dueTime;
                ThreadPool.QueueUserWorkItem(_ => JumpTo(due));
            }
        }

        return timer;
    }

    /// <summary>Waits at the same time pass at the same time.</summary>
    private void JumpTo(DateTimeOffset due)
    {
        lock (_waits)
        {
            var rest = due - GetUtcNow();
            if (rest > TimeSpan.Zero)
            {
                Advance(rest);
            }
        }
    }
}
