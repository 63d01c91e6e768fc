namespace ServerSession;

/// <summary>The clock of sessions: a registration of its own, so that tests move it while Orleans keeps real time.</summary>
/// <param name="Time">The time provider.</param>
internal sealed record SessionClock(TimeProvider Time);
