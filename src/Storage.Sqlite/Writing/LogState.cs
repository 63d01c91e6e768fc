namespace ServerSession.Storage;

/// <summary>What the writer knows of the write-ahead log, beyond the life of one connection.</summary>
internal sealed class LogState
{
    /// <summary>Whether the next transaction may begin the log again, and has to carry a stamp.</summary>
    public bool IsStampDue { get; set; }

    /// <summary>The stamp of the database file when the log was last moved into it as a whole; null where it had none.</summary>
    public byte[]? FileStamp { get; set; }
}
