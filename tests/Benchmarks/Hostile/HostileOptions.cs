using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Hostile;

/// <summary>How long is measured.</summary>
internal sealed record HostileOptions(TimeSpan Measurement, int Rounds)
{
    public static readonly string[] Names = ["milliseconds", "rounds"];

    public static HostileOptions From(Arguments line) =>
        new(TimeSpan.FromMilliseconds(Math.Max(1, line.Number("milliseconds", 300))), Math.Max(1, line.Number("rounds", 7)));
}
