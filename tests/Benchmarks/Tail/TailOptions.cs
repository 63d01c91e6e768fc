using ServerSession.Benchmarks.Load;
using ServerSession.Benchmarks.Server;
using ServerSession.Benchmarks.Support;
using ServerSession.Core;

namespace ServerSession.Benchmarks.Tail;

/// <summary>How the measurement of the tail runs. Times are in seconds.</summary>
/// <param name="Duration">The time of one measurement.</param>
/// <param name="Warmup">The longest load before the first measurement; it ends when nothing is compiled any more.</param>
/// <param name="Settle">The load between the creation of sessions and the measurement of the settled state.</param>
/// <param name="Connections">The connections of the load generator.</param>
/// <param name="Sessions">How many sessions live, in rising order.</param>
/// <param name="Endpoint">What a request does.</param>
/// <param name="Variants">What is measured.</param>
internal sealed record TailOptions(int Duration, int Warmup, int Settle, int Connections, int[] Sessions, string Endpoint, MeasuredVariant[] Variants)
{
    public static readonly string[] Names = ["duration", "warmup", "settle", "connections", "sessions", "endpoint", "only", "twin"];

    public static TailOptions From(Arguments line) => new(
        line.Number("duration", 5),
        line.Number("warmup", 60),
        line.Number("settle", 5),
        line.Number("connections", 32),
        [.. line.Numbers("sessions", "1000,100000,500000").Order()],
        line.Text("endpoint") ?? Server.Endpoint.Read,
        [.. MeasuredVariant.WithTwins(line.Text("only") is null ? [Variant.ClientVolatile] : line.Choices("only", Variant.Compared), line.Text("twin"))]);
}
