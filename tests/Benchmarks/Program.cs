using ServerSession;
using ServerSession.Benchmarks.Cluster;
using ServerSession.Benchmarks.Commits;
using ServerSession.Benchmarks.Creates;
using ServerSession.Benchmarks.Hostile;
using ServerSession.Benchmarks.Load;
using ServerSession.Benchmarks.Memory;
using ServerSession.Benchmarks.Micro;
using ServerSession.Benchmarks.Server;
using ServerSession.Benchmarks.Support;
using ServerSession.Benchmarks.Tail;

const string Usage = """
    ServerSession.Orleans.Benchmarks <command> [options]

      http     loads every variant with wrk and prints their ratios to a bare endpoint
               --duration 3         seconds of one measurement
               --warmup 60          seconds at most before the first measurement of a case; it ends when the server compiles nothing any more
               --rounds 3           rounds over all cases
               --connections 32,64  connections of wrk
               --sessions 1000      sessions, over whose cookies the load rotates
               --only a,b/read      variants, or endpoints of variants; the bare endpoint is always measured
               --twin NAME=value,…  measures each case also with this in the environment of its processes; several sets with ; between.
                                    NAME@silos=value is for the silos beside the loaded process only
      hops     clusters of one, two and three silos: messages and processor time of a request, and of no request
               --duration 3  --rounds 5  --idle 10  --warmup 60  --connections 32  --sessions 1000  --endpoint read-then-write
               --only client-redis,two-silos-redis,three-silos-redis  --twin NAME=value,…
      tail     the slowest requests while more and more sessions live
               --duration 5  --warmup 60  --settle 5  --connections 32  --sessions 1000,100000,500000  --endpoint read
               --only client-volatile  --twin NAME=value,…
      commits  commits without HTTP, by durability, with their processor time and allocations
               --duration 3  --rounds 3  --callers 32  --sessions 4000  --only Volatile,WriteBehind,WriteThrough
      creates  creates without HTTP: of ids that the clean-up's index never hears of, in blocks (as every frontend takes them), and one by one
               --rounds 7  --callers 16  --sessions 4000
      hostile  requests with something in place of a token, against the same request without a cookie
               --milliseconds 300   one measurement
               --warmup 500         milliseconds that each case runs before the first round
               --kinds 2            only so many kinds of requests, from the first on
               --rounds 7           rounds over all kinds
      memory   the managed memory of one live session
               --sessions 200000
      micro    BenchmarkDotNet; its own options follow (--filter *Token*)
    """;

var rest = args.Skip(1);
try
{
    return args.FirstOrDefault() switch
    {
        "http" => await LoadTest.RunAsync(LoadOptions.From(new Arguments("http", rest, LoadOptions.Names))),
        "hops" => await HopTest.RunAsync(HopOptions.From(new Arguments("hops", rest, HopOptions.Names))),
        "tail" => await TailTest.RunAsync(TailOptions.From(new Arguments("tail", rest, TailOptions.Names))),
        "commits" => await CommitsAsync(new Arguments("commits", rest, ["duration", "rounds", "callers", "sessions", "only"])),
        "creates" => await CreatesAsync(new Arguments("creates", rest, ["rounds", "callers", "sessions"])),
        "hostile" => await HostileTest.RunAsync(HostileOptions.From(new Arguments("hostile", rest, HostileOptions.Names))),
        "memory" => await MemoryTest.RunAsync(new Arguments("memory", rest, ["sessions"]).Number("sessions", 200_000)),
        "micro" => MicroBenchmarks.Run(args[1..]),

        // Started by the commands above, as separate processes.
        "serve" => await ServerApp.RunAsync(ServerOptions.From(new Arguments("serve", rest, ServerOptions.Names, arguments: 1))),
        "garnet" => await GarnetApp.RunAsync(new Arguments("garnet", rest, ["port"]).Number("port", 6379)),
        "hold" => await HoldAsync(new Arguments("hold", rest, ["sessions", "folder"], arguments: 1)),
        null or "help" or "--help" or "-h" => Help(),
        var unknown => throw new UsageException($"There is no command '{unknown}'. There are: http, hops, tail, commits, creates, hostile, memory, micro."),
    };
}
catch (UsageException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}

static Task<int> CommitsAsync(Arguments line) => CommitTest.RunAsync(
    [.. line.Choices("only", ["Volatile", "WriteBehind", "WriteThrough"]).Select(Enum.Parse<SessionDurability>)],
    line.Number("duration", 3), line.Number("rounds", 3), line.Number("callers", 32), line.Number("sessions", 4000));

static Task<int> CreatesAsync(Arguments line) => CreateTest.RunAsync(line.Number("rounds", 7), line.Number("callers", 16), line.Number("sessions", 4000));

static Task<int> HoldAsync(Arguments line) =>
    MemoryHolder.RunAsync(line.Argument(0), line.Number("sessions", 200_000), line.Text("folder") ?? Folders.Temporary());

static int Help()
{
    Console.WriteLine(Usage);
    return 0;
}
