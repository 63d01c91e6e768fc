namespace ServerSession;

/// <summary>The session ended, or its token was replaced, while the request was working with it. Unhandled, the answer is 409.</summary>
public sealed class SessionEndedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SessionEndedException(SessionOutcome outcome, string message)
        : base(message) => Outcome = outcome;

    /// <summary><see cref="SessionOutcome.Gone"/> or <see cref="SessionOutcome.Stale"/>.</summary>
    public SessionOutcome Outcome { get; }
}

/// <summary>A change would exceed a limit of the session; nothing of it was applied. Unhandled, the answer is 413.</summary>
public sealed class SessionLimitException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SessionLimitException(SessionLimit limit, string message)
        : base(message) => Limit = limit;

    /// <summary>The limit.</summary>
    public SessionLimit Limit { get; }
}

/// <summary>A value of the session cannot be read as, or made from, the type asked for. Other keys are not affected.</summary>
/// <remarks>
/// Unhandled, it is an error of the application (500) like any other, except where <see cref="RefusedByGrain"/> is true: then the answer is 422.
/// </remarks>
public sealed class SessionValueException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SessionValueException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Whether an atomic operation met a value it cannot work on (an increment of a text). Nothing was applied.</summary>
    public bool RefusedByGrain { get; init; }
}

/// <summary>
/// A prefetch or prerender wanted a new session. Nobody has seen the page yet, so none is created. Unhandled, the answer is 503: the user
/// agent drops the preload and asks again when the user really goes there.
/// </summary>
public sealed class SessionPreloadException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SessionPreloadException()
        : base("A preload does not create a session. Ask again when the user navigates.")
    {
    }
}
