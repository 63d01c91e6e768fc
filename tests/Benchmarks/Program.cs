using ServerSession;
using ServerSession.Benchmarks.Commits;
using ServerSession.Benchmarks.Load;
using ServerSession.Benchmarks.Memory;
using ServerSession.Benchmarks.Micro;
using ServerSession.Benchmarks.Server;
using ServerSession.Benchmarks.Support;

const string Usage = """
    ServerSession.Orleans.Benchmarks <command> [options]

      http     loads every variant with wrk and prints their ratios to a bare endpoint
               --duration 3         seconds of one measurement
               --warmup 2           seconds before the first measurement of a case
               --rounds 3           rounds over all cases
               --connections 32,64  connections of wrk
               --sessions 1000      sessions, over whose cookies the load rotates
               --only a,b/read      variants, or endpoints of variants; the bare endpoint is always measured
      commits  commits without HTTP, by durability, with their processor time and allocations
               --duration 3  --rounds 3  --callers 32  --sessions 4000  --only Volatile,WriteBehind,WriteThrough
      memory   the managed memory of one live session
               --sessions 200000
      micro    BenchmarkDotNet; its own options follow (--filter *Token*)
    """;

var options = new Arguments(args.Skip(1));
return args.FirstOrDefault() switch
{
    "http" => await LoadTest.RunAsync(LoadOptions.From(options)),
    "commits" => await CommitTest.RunAsync(
        [.. options.List("only", "Volatile,WriteBehind,WriteThrough").Select(Enum.Parse<SessionDurability>)],
        options.Number("duration", 3), options.Number("rounds", 3), options.Number("callers", 32), options.Number("sessions", 4000)),
    "memory" => await MemoryTest.RunAsync(options.Number("sessions", 200_000)),
    "micro" => MicroBenchmarks.Run(args[1..]),

    // Started by the commands above, as processes of their own.
    "serve" => await ServerApp.RunAsync(ServerOptions.From(options)),
    "hold" => await MemoryHolder.RunAsync(options.Argument(0), options.Number("sessions", 200_000), options.Text("folder") ?? Folders.Temporary()),
    _ => Help(),
};

static int Help()
{
    Console.Error.WriteLine(Usage);
    return 2;
}
