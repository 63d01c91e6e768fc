namespace ServerSession;

/// <summary>What a request sees while its session cannot be reached.</summary>
public enum UnavailablePolicy
{
    /// <summary>The use of the session throws <see cref="SessionUnavailableException"/>; left unhandled, the answer is 503 with Retry-After.</summary>
    Fail = 0,

    /// <summary>
    /// The request goes on as if it had no session: reads find nothing, buffered writes are dropped, and
    /// <see cref="IServerSession.IsDegraded"/> says so. Atomic operations, rotations and destructions still throw, because their callers
    /// rely on the answer.
    /// </summary>
    Degrade = 1,
}
