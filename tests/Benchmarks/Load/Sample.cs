namespace ServerSession.Benchmarks.Load;

/// <summary>
/// One measurement of one case. Latencies and processor times are in microseconds; <paramref name="Stalled"/> is the part of its time in which the disk
/// stood still.
/// </summary>
internal sealed record Sample(
    string Variant,
    string Endpoint,
    int Connections,
    int Round,
    double RequestsPerSecond,
    long P50,
    long P99,
    double ProcessorPerRequest,
    double SilosProcessorPerRequest,
    double StoreProcessorPerRequest,
    double AllocatedPerRequest,
    double Stalled,
    long CompiledMethods,
    long Errors)
{
    /// <summary>The throughput over that of the ceiling beside it.</summary>
    public double Ratio { get; private init; } = 1;

    /// <summary>The bytes that one request allocated beyond one of the ceiling beside it.</summary>
    public double AllocatedOverCeiling { get; private init; }

    /// <summary>The sample compared with the ceiling before and after it.</summary>
    public Sample Between(Sample before, Sample after) => this with
    {
        Ratio = RequestsPerSecond * 2 / (before.RequestsPerSecond + after.RequestsPerSecond),
        AllocatedOverCeiling = AllocatedPerRequest - ((before.AllocatedPerRequest + after.AllocatedPerRequest) / 2),
    };

    public bool IsOf(LoadCase one) => Variant == one.Variant.Name && Endpoint == one.Endpoint;
}
