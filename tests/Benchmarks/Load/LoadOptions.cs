using ServerSession.Benchmarks.Server;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Load;

/// <summary>How the load test runs. Times are in seconds; <paramref name="Warmup"/> is the most that one case is given.</summary>
internal sealed record LoadOptions(int Duration, int Warmup, int Rounds, int Sessions, int[] Connections, LoadCase[] Cases)
{
    public static readonly string[] Names = ["duration", "warmup", "rounds", "sessions", "connections", "only"];

    public static LoadOptions From(Arguments line) => new(
        line.Number("duration", 3),
        line.Number("warmup", 60),
        line.Number("rounds", 3),
        line.Number("sessions", 1000),
        line.Numbers("connections", "32,64"),
        [.. LoadCase.Select(line.List("only"))]);

    public IEnumerable<string> Variants => Cases.Select(static one => one.Variant).Distinct().Prepend(Variant.Bare);
}

/// <summary>One thing to measure.</summary>
internal sealed record LoadCase(string Variant, string Endpoint)
{
    /// <summary>The ceiling.</summary>
    public static readonly LoadCase Ceiling = new(Server.Variant.Bare, Server.Endpoint.Untouched);

    /// <summary>All cases, or those that are named as a variant or as variant/endpoint.</summary>
    public static IEnumerable<LoadCase> Select(string[] names)
    {
        var all = Server.Variant.Compared.SelectMany(AllOf).ToArray();
        var chosen = names.Length == 0 ? all : all.Where(one => names.Contains(one.Variant) || names.Contains(one.ToString())).ToArray();
        return names.FirstOrDefault(name => !all.Any(one => one.Variant == name || one.ToString() == name)) is { } unknown
            ? throw new UsageException($"There is no case '{unknown}'. There are: {string.Join(", ", all.AsEnumerable())}.")
            : chosen;
    }

    public override string ToString() => $"{Variant}/{Endpoint}";

    // Every endpoint of the bare app is the same, so one says what a silo in its process costs.
    private static IEnumerable<LoadCase> AllOf(string variant) => variant == Server.Variant.BareBesideSilo
        ? [new LoadCase(variant, Server.Endpoint.Untouched)]
        : Server.Endpoint.All.Select(endpoint => new LoadCase(variant, endpoint));
}
