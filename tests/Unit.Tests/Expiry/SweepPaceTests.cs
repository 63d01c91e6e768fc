using Microsoft.Extensions.Time.Testing;

namespace ServerSession.Tests.Expiry;

/// <summary>The sweep never fights live traffic: so many rows a second, and no more than half of the time.</summary>
public sealed class SweepPaceTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly SweepPace _pace;

    public SweepPaceTests() => _pace = new SweepPace(
        Microsoft.Extensions.Options.Options.Create(new SessionGrainOptions { Expiry = { RowsPerSecond = 100 } }), new SessionClock(TimeProvider.System) { Monotonic = _time });

    public void Dispose() => _pace.Dispose();

    [Fact]
    public async Task Wait_lets_as_many_rows_pass_as_the_rate_allows()
    {
        Assert.True(await _pace.WaitAsync(50));
        var second = _pace.WaitAsync(50).AsTask();
        var third = _pace.WaitAsync(50).AsTask();
        Assert.False(second.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.True(await second);
        Assert.False(third.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.True(await third);
    }

    [Fact]
    public async Task Wait_after_a_slow_look_rests_for_as_long_as_it_took()
    {
        await _pace.WaitAsync(1);
        _time.Advance(TimeSpan.FromSeconds(3));
        _pace.Took(TimeSpan.FromSeconds(3));
        var next = _pace.WaitAsync(1).AsTask();

        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(next.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(await next);
    }

    [Fact]
    public async Task Wait_when_the_silo_stops_ends_at_once()
    {
        await _pace.WaitAsync(1000);
        var waiting = _pace.WaitAsync(1).AsTask();

        await _pace.StopAsync();

        Assert.False(await waiting);
        Assert.False(await _pace.WaitAsync(1));
        Assert.True(_pace.IsStopped);
    }
}
