namespace ServerSession;

/// <summary>
/// The user has as many sessions as allowed (<see cref="SubjectOptions.MaximumSessions"/>), so the session was not bound, and its token not replaced. Unhandled, the
/// answer is 409.
/// </summary>
public sealed class SessionSubjectLimitException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SessionSubjectLimitException(string message)
        : base(message)
    {
    }
}
