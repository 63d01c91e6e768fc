using System.Text.Json;
using ServerSession.Benchmarks.Server;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Memory;

/// <summary>The process whose memory is measured: it holds a number of sessions of 100 bytes, made without HTTP.</summary>
internal static class MemoryHolder
{
    public const string Result = "RESULT ";

    public static readonly string[] Kinds = [Variant.Volatile, Variant.WriteThrough, Variant.AspNetMemory];

    // What the first sessions cost (code, pools, tables) is not theirs.
    private const int Warmup = 2_000;

    public static async Task<int> RunAsync(string kind, int sessions, string folder)
    {
        var keeper = await StartAsync(kind, folder);
        await keeper.CreateAsync(Warmup);
        await keeper.SleepAsync();
        var before = HeapBytes();
        await keeper.CreateAsync(sessions);
        var active = HeapBytes() - before;
        var sleeps = await keeper.SleepAsync();
        var dormant = HeapBytes() - before;
        var result = new MemoryResult(kind, sessions, (double)active / sessions, sleeps ? (double)dormant / sessions : null);
        Console.WriteLine(Result + JsonSerializer.Serialize(result));
        ChildProcess.EndThisOne();
        return 0;
    }

    private static async Task<ISessionKeeper> StartAsync(string kind, string folder) => kind switch
    {
        Variant.Volatile => await GrainKeeper.StartAsync(SessionDurability.Volatile, folder),
        Variant.WriteThrough => await GrainKeeper.StartAsync(SessionDurability.WriteThrough, folder),
        Variant.AspNetMemory => new CacheKeeper(),
        _ => throw new ArgumentException($"There is no '{kind}'. There are: {string.Join(", ", Kinds)}."),
    };

    private static long HeapBytes()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
