namespace ServerSession.Storage;

/// <summary>The files of a store.</summary>
internal enum LostFile
{
    /// <summary>The database.</summary>
    Database,

    /// <summary>The lock file: another process may own the store by now.</summary>
    Lock,

    /// <summary>The write-ahead log: what was written lately is there alone.</summary>
    Log,

    /// <summary>The log's shared memory: another program would not see the locks of this one.</summary>
    SharedMemory,
}
