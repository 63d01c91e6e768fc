namespace ServerSession.Tests;

/// <summary>What happens to the cluster under load.</summary>
public enum Fault
{
    /// <summary>One silo is killed and started again.</summary>
    KillSilo,

    /// <summary>One silo is asked to stop and started again.</summary>
    StopSilo,

    /// <summary>One silo is frozen for longer than it takes to declare it dead.</summary>
    PauseSilo,

    /// <summary>One frontend is killed and started again.</summary>
    KillWebHost,

    /// <summary>All silos are killed at once and started again.</summary>
    KillAllSilos,

    /// <summary>The storage server is frozen for longer than a storage call may take.</summary>
    PauseStorage,

    /// <summary>The storage server is killed and started again.</summary>
    RestartStorage,

    /// <summary>One silo is frozen for half a minute, as a machine that is suspended.</summary>
    FreezeSilo,

    /// <summary>One silo gets a fiftieth of its processor time, for several times as long as it takes to declare a silo dead: it is busy, and must stay a member.</summary>
    StarveSilo,
}
