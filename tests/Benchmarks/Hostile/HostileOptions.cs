using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Hostile;

/// <summary>How long is measured.</summary>
/// <param name="Measurement">How long a round measures each case.</param>
/// <param name="Rounds">How many rounds there are.</param>
/// <param name="Warmup">How long each case runs before the first round.</param>
/// <param name="Kinds">How many kinds of requests are measured, from the first on.</param>
internal sealed record HostileOptions(TimeSpan Measurement, int Rounds, TimeSpan Warmup, int Kinds)
{
    public static readonly string[] Names = ["milliseconds", "rounds", "warmup", "kinds"];

    public static HostileOptions From(Arguments line) =>
        new(TimeSpan.FromMilliseconds(Math.Max(1, line.Number("milliseconds", 300))), Math.Max(1, line.Number("rounds", 7)),
            TimeSpan.FromMilliseconds(line.Number("warmup", 500)), Math.Max(1, line.Number("kinds", int.MaxValue)));
}
