namespace ServerSession.Storage;

/// <summary>
/// The embedded store cannot be opened, read or written. The message is written for the reader: it names the file, what
/// happened and what to do. A write that ends with it was not acknowledged; it may or may not be stored.
/// </summary>
public sealed class SqliteGrainStorageException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="SqliteGrainStorageException"/> class.</summary>
    public SqliteGrainStorageException()
    {
    }

    /// <summary>Initializes a new instance of the <see cref="SqliteGrainStorageException"/> class.</summary>
    /// <param name="message">What happened, to which file, and the fix.</param>
    public SqliteGrainStorageException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="SqliteGrainStorageException"/> class.</summary>
    /// <param name="message">What happened, to which file, and the fix.</param>
    /// <param name="innerException">The error of SQLite or of the operating system.</param>
    public SqliteGrainStorageException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
