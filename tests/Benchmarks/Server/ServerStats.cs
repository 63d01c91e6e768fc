namespace ServerSession.Benchmarks.Server;

/// <summary>What a server process tells of itself between two measurements.</summary>
/// <param name="AllocatedBytes">The bytes allocated since the start.</param>
internal sealed record ServerStats(long AllocatedBytes)
{
    public static ServerStats Now() => new(GC.GetTotalAllocatedBytes(precise: true));
}
