namespace ServerSession.Grains;

/// <summary>Says whether this silo may answer for sessions (<see cref="SiloFence"/>).</summary>
internal interface ISiloFence
{
    bool IsFresh { get; }
}

internal static class SiloFenceExtensions
{
    /// <summary>Throws if the last successful check is older than the fence age.</summary>
    /// <exception cref="SessionUnavailableException">It is.</exception>
    public static void ThrowIfStale(this ISiloFence fence)
    {
        if (!fence.IsFresh)
        {
            throw new SessionUnavailableException("This silo cannot confirm that it is an active member of its cluster, so it does not answer for the session.");
        }
    }
}
