using ServerSession.Benchmarks.Server;
using ServerSession.Benchmarks.Support;
using ServerSession.Core;

namespace ServerSession.Benchmarks.Load;

/// <summary>How the load test runs. Times are in seconds; <paramref name="Warmup"/> is the most that one case is given.</summary>
internal sealed record LoadOptions(int Duration, int Warmup, int Rounds, int Sessions, int[] Connections, LoadCase[] Cases)
{
    public static readonly string[] Names = ["duration", "warmup", "rounds", "sessions", "connections", "only", "twin"];

    public static LoadOptions From(Arguments line) => new(
        line.Number("duration", 3),
        line.Number("warmup", 60),
        line.Number("rounds", 3),
        line.Number("sessions", 1000),
        line.Numbers("connections", "32,64"),
        [.. LoadCase.Select(line.List("only"), [.. (line.Text("twin") ?? "").Split(';').Select(MeasuredVariant.ParseEnvironment)])]);

    public IEnumerable<MeasuredVariant> Variants => Cases.Prepend(LoadCase.Ceiling).Select(static one => one.Variant).DistinctBy(static variant => variant.Name);
}

/// <summary>One thing to measure.</summary>
internal sealed record LoadCase(MeasuredVariant Variant, string Endpoint)
{
    /// <summary>The ceiling.</summary>
    public static readonly LoadCase Ceiling = new(MeasuredVariant.Of(Server.Variant.Bare), Server.Endpoint.Untouched);

    /// <summary>All cases, or those that are named as a variant or as variant/endpoint; with environments each case and its twins.</summary>
    public static IEnumerable<LoadCase> Select(string[] names, IReadOnlyList<IReadOnlyDictionary<string, string>> twins)
    {
        var all = Server.Variant.Compared.SelectMany(AllOf).ToArray();
        if (names.FirstOrDefault(name => !all.Any(one => one.Variant.Kind == name || one.ToString() == name)) is { } unknown)
        {
            throw new UsageException($"There is no case '{unknown}'. There are: {string.Join(", ", all.AsEnumerable())}.");
        }

        return all.Where(one => names.Length == 0 || names.Contains(one.Variant.Kind) || names.Contains(one.ToString()))
            .SelectMany(one => twins.Where(static twin => twin.Count > 0)
                .Select((twin, index) => one with { Variant = MeasuredVariant.Twin(one.Variant.Kind, index + 1, twin) })
                .Prepend(one));
    }

    public override string ToString() => $"{Variant.Name}/{Endpoint}";

    // Every endpoint of the bare app is the same, so one says what a silo in its process costs.
    private static IEnumerable<LoadCase> AllOf(string variant) => variant == Server.Variant.BareWithSilo
        ? [new LoadCase(MeasuredVariant.Of(variant), Server.Endpoint.Untouched)]
        : Server.Endpoint.All.Concat(Server.Variant.IsClient(variant) ? [Server.Endpoint.ReadRecent] : []).Select(endpoint => new LoadCase(MeasuredVariant.Of(variant), endpoint));
}
