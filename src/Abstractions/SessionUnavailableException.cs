namespace ServerSession;

/// <summary>
/// The session grain cannot answer now: its storage failed, or its silo cannot confirm that it is a member of the cluster. The
/// operation may be repeated with the same operation id; whether it was applied is then known.
/// </summary>
[GenerateSerializer, Alias("ServerSession.SessionUnavailableException")]
public sealed class SessionUnavailableException : Exception
{
    /// <summary>Creates the exception with a general message.</summary>
    public SessionUnavailableException()
        : this("The session cannot be reached now.")
    {
    }

    /// <summary>Creates the exception.</summary>
    public SessionUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    public SessionUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
