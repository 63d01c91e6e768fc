namespace ServerSession;

/// <summary>What an acknowledged change of a session survives.</summary>
[GenerateSerializer, Alias("ServerSession.SessionDurability")]
public enum SessionDurability
{
    /// <summary>A change is acknowledged after the storage has it: it survives the kill of any silo, or of all of them.</summary>
    WriteThrough = 0,

    /// <summary>
    /// A change is stored within an interval: a crash may lose the changes of the last interval. Creation, rotation and destruction
    /// are written through.
    /// </summary>
    WriteBehind = 1,

    /// <summary>Never stored: the session lives in memory, moves on a planned shutdown, and is lost when its silo dies.</summary>
    Volatile = 2,
}
