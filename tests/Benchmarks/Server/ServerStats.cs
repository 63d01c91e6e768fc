namespace ServerSession.Benchmarks.Server;

/// <summary>What a server process tells of itself between two measurements.</summary>
/// <param name="AllocatedBytes">The bytes allocated since the start.</param>
/// <param name="StalledSeconds">See <see cref="DiskStalls.Seconds"/>.</param>
/// <param name="CompiledMethods">The methods compiled since the start, one that was compiled again counted again.</param>
internal sealed record ServerStats(long AllocatedBytes, double StalledSeconds, long CompiledMethods);
