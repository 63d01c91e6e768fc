namespace ServerSession.Grains;

/// <summary>The clock of sessions: a separate registration, so that tests move it while Orleans keeps real time.</summary>
/// <param name="Time">The wall clock that deadlines are compared with.</param>
internal sealed record SessionClock(TimeProvider Time)
{
    /// <summary>The monotonic clock for ages, of the fence above all: setting the wall clock does not change it.</summary>
    public TimeProvider Monotonic { get; init; } = TimeProvider.System;
}
