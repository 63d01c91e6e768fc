namespace ServerSession;

/// <summary>What became of a change of a Data Protection key ring.</summary>
[GenerateSerializer, Alias("ServerSession.DataProtectionKeyOutcome")]
public enum DataProtectionKeyOutcome
{
    /// <summary>No outcome: the value of <c>default</c>, never returned.</summary>
    None = 0,

    /// <summary>The change is stored, now or by an earlier message.</summary>
    Stored = 1,

    /// <summary>The ring would exceed 1,024 elements or 512 KiB; nothing was changed.</summary>
    Full = 2,

    /// <summary>The caller had given up; nothing was changed by this message.</summary>
    Late = 3,
}
