namespace ServerSession.Benchmarks.Load;

/// <summary>One measurement of one case. Latencies and processor times are in microseconds.</summary>
internal sealed record Sample(
    string Variant,
    string Endpoint,
    int Connections,
    int Round,
    double RequestsPerSecond,
    long P50,
    long P99,
    double ProcessorPerRequest,
    double RedisProcessorPerRequest,
    double AllocatedPerRequest,
    long Errors)
{
    public bool IsOf(LoadCase one) => Variant == one.Variant && Endpoint == one.Endpoint;
}
