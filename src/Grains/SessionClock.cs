namespace ServerSession;

/// <summary>The clock of sessions: a separate registration, so that tests move it while Orleans keeps real time.</summary>
/// <param name="Time">The wall clock that deadlines are told by.</param>
internal sealed record SessionClock(TimeProvider Time)
{
    /// <summary>The monotonic clock that the fence ages by; it goes on when the wall clock is moved.</summary>
    public TimeProvider Steady { get; init; } = TimeProvider.System;
}
