namespace ServerSession.Tests.Support;

/// <summary>A clock whose timers run in real time and by which nothing gets older unless the test says so, however long the machine stands still.</summary>
internal sealed class SteadyAges : TimeProvider
{
    private long _now = 1;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public void Grow(TimeSpan by) => Interlocked.Add(ref _now, (long)(by.TotalSeconds * TimestampFrequency));
}
