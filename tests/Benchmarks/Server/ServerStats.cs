namespace ServerSession.Benchmarks.Server;

/// <summary>What a server process tells of itself between two measurements; sums may be made of several processes.</summary>
/// <param name="AllocatedBytes">The bytes allocated since the start.</param>
/// <param name="StalledSeconds">See <see cref="DiskStalls.Seconds"/>.</param>
/// <param name="CompiledMethods">The methods compiled since the start, one that was compiled again counted again.</param>
/// <param name="Collections">The garbage collections since the start, of every generation.</param>
/// <param name="FullCollections">Those of them that were full.</param>
/// <param name="PauseSeconds">The time since the start for which a collection stopped the process.</param>
/// <param name="FromClients">See <see cref="MessageCounts"/>.</param>
/// <param name="FromSilos">See <see cref="MessageCounts"/>.</param>
internal sealed record ServerStats(
    long AllocatedBytes, double StalledSeconds, long CompiledMethods, int Collections, int FullCollections, double PauseSeconds, long FromClients, long FromSilos)
{
    public static readonly ServerStats None = new(0, 0, 0, 0, 0, 0, 0, 0);

    public static ServerStats operator +(ServerStats one, ServerStats other) => new(
        one.AllocatedBytes + other.AllocatedBytes,
        one.StalledSeconds + other.StalledSeconds,
        one.CompiledMethods + other.CompiledMethods,
        one.Collections + other.Collections,
        one.FullCollections + other.FullCollections,
        one.PauseSeconds + other.PauseSeconds,
        one.FromClients + other.FromClients,
        one.FromSilos + other.FromSilos);

    /// <summary>What came between two of them.</summary>
    public static ServerStats operator -(ServerStats after, ServerStats before) => new(
        after.AllocatedBytes - before.AllocatedBytes,
        after.StalledSeconds - before.StalledSeconds,
        after.CompiledMethods - before.CompiledMethods,
        after.Collections - before.Collections,
        after.FullCollections - before.FullCollections,
        after.PauseSeconds - before.PauseSeconds,
        after.FromClients - before.FromClients,
        after.FromSilos - before.FromSilos);
}
