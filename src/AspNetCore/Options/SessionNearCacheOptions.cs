namespace ServerSession;

/// <summary>What the web tier keeps of sessions for endpoints that declare how old a session may be (<see cref="SessionMaxStalenessAttribute"/>).</summary>
public sealed class SessionNearCacheOptions
{
    /// <summary>How many sessions are kept at most. Those that were not read for longest go first.</summary>
    /// <value>From 0, which keeps none, to 1,000,000; 2,000 by default. Each holds as much memory as its session has data.</value>
    public int Entries { get; set; } = 2_000;
}
