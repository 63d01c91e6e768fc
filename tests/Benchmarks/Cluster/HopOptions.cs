using ServerSession.Benchmarks.Load;
using ServerSession.Benchmarks.Server;
using ServerSession.Benchmarks.Support;
using ServerSession.Core;

namespace ServerSession.Benchmarks.Cluster;

/// <summary>How the measurement of clusters runs. Times are in seconds.</summary>
/// <param name="Duration">The time of one measurement under load.</param>
/// <param name="Rounds">The measurements, of which the median is told.</param>
/// <param name="Idle">The time without any request.</param>
/// <param name="Warmup">The longest load before the first measurement; it ends when nothing is compiled any more.</param>
/// <param name="Connections">The connections of the load generator.</param>
/// <param name="Sessions">The sessions over which the load rotates.</param>
/// <param name="Endpoint">What a request does.</param>
/// <param name="Variants">The clusters.</param>
internal sealed record HopOptions(int Duration, int Rounds, int Idle, int Warmup, int Connections, int Sessions, string Endpoint, MeasuredVariant[] Variants)
{
    public static readonly string[] Names = ["duration", "rounds", "idle", "warmup", "connections", "sessions", "endpoint", "only", "twin"];

    public static HopOptions From(Arguments line) => new(
        line.Number("duration", 3),
        line.Number("rounds", 5),
        line.Number("idle", 10),
        line.Number("warmup", 60),
        line.Number("connections", 32),
        line.Number("sessions", 1000),
        line.Text("endpoint") ?? Server.Endpoint.ReadThenWrite,
        [.. MeasuredVariant.WithTwins(line.Choices("only", [Variant.ClientRedis, Variant.TwoSilosRedis, Variant.ThreeSilosRedis]), line.Text("twin"))]);
}
