using ServerSession.Benchmarks.Server;

namespace ServerSession.Benchmarks.Load;

/// <summary>The medians of a case over the rounds.</summary>
internal sealed record LoadRow
{
    public required string Variant { get; init; }

    public required string Endpoint { get; init; }

    public required int Connections { get; init; }

    /// <summary>The median of the throughput over the bare endpoint's in the same round.</summary>
    public required double Ratio { get; init; }

    public required double LowestRatio { get; init; }

    public required double HighestRatio { get; init; }

    /// <summary>The median of the throughput over that of ASP.NET Core with Redis in the same round; null where that was not measured.</summary>
    public required double? TimesRedis { get; init; }

    public required double RequestsPerSecond { get; init; }

    public required double P50Milliseconds { get; init; }

    public required double P99Milliseconds { get; init; }

    /// <summary>The processor time of the server for one request.</summary>
    public required double ProcessorMicroseconds { get; init; }

    /// <summary>The processor time of Redis for one request.</summary>
    public required double RedisProcessorMicroseconds { get; init; }

    /// <summary>The managed memory allocated for one request.</summary>
    public required double Bytes { get; init; }

    public required double BytesOverBare { get; init; }

    public static LoadRow Of(LoadCase one, List<Sample> samples)
    {
        var ceilings = samples.Where(static sample => sample.IsOf(LoadCase.Ceiling)).ToLookup(static sample => sample.Round);
        var own = samples.Where(sample => sample.IsOf(one)).ToList();
        var ratios = own.ConvertAll(sample => sample.RequestsPerSecond / ceilings[sample.Round].Average(static bare => bare.RequestsPerSecond));
        var overBare = own.ConvertAll(sample => sample.AllocatedPerRequest - ceilings[sample.Round].Average(static bare => bare.AllocatedPerRequest));
        var redis = samples.Where(sample => sample.IsOf(one with { Variant = Server.Variant.AspNetRedis })).ToDictionary(static sample => sample.Round);
        return new LoadRow
        {
            Variant = one.Variant,
            Endpoint = one.Endpoint,
            Connections = own[0].Connections,
            Ratio = Median(ratios),
            LowestRatio = ratios.Min(),
            HighestRatio = ratios.Max(),
            TimesRedis = redis.Count == 0 ? null : Median(own.ConvertAll(sample => sample.RequestsPerSecond / redis[sample.Round].RequestsPerSecond)),
            RequestsPerSecond = Median(own.ConvertAll(static sample => sample.RequestsPerSecond)),
            P50Milliseconds = Median(own.ConvertAll(static sample => sample.P50 / 1000.0)),
            P99Milliseconds = Median(own.ConvertAll(static sample => sample.P99 / 1000.0)),
            ProcessorMicroseconds = Median(own.ConvertAll(static sample => sample.ProcessorPerRequest)),
            RedisProcessorMicroseconds = Median(own.ConvertAll(static sample => sample.RedisProcessorPerRequest)),
            Bytes = Median(own.ConvertAll(static sample => sample.AllocatedPerRequest)),
            BytesOverBare = Median(overBare),
        };
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        var middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
