using ServerSession.Benchmarks.Server;

namespace ServerSession.Benchmarks.Load;

/// <summary>The medians of a case over the rounds.</summary>
internal sealed record LoadRow
{
    public required string Variant { get; init; }

    public required string Endpoint { get; init; }

    public required int Connections { get; init; }

    /// <summary>The median of the throughput over the bare endpoint's before and after.</summary>
    public required double Ratio { get; init; }

    public required double LowestRatio { get; init; }

    public required double HighestRatio { get; init; }

    /// <summary>The median of that ratio over the one of ASP.NET Core with Redis in the same round; null where that was not measured.</summary>
    public required double? TimesRedis { get; init; }

    /// <summary>The median of the part of the time in which the disk stood still.</summary>
    public required double Stalled { get; init; }

    /// <summary>The median of the throughput of the rest of the time over the bare endpoint's.</summary>
    public required double RatioBetweenStalls { get; init; }

    public required double RequestsPerSecond { get; init; }

    public required double P50Milliseconds { get; init; }

    public required double P99Milliseconds { get; init; }

    /// <summary>The processor time of the server for one request.</summary>
    public required double ProcessorMicroseconds { get; init; }

    /// <summary>The processor time of its silos, where they have separate processes, for one request.</summary>
    public required double SilosProcessorMicroseconds { get; init; }

    /// <summary>The processor time of the store's server for one request.</summary>
    public required double StoreProcessorMicroseconds { get; init; }

    /// <summary>The managed memory allocated for one request, by the server and its silos.</summary>
    public required double Bytes { get; init; }

    public required double BytesOverBare { get; init; }

    public static LoadRow Of(LoadCase one, List<Sample> samples)
    {
        var own = samples.Where(sample => sample.IsOf(one)).ToList();
        var ratios = own.ConvertAll(static sample => sample.Ratio);
        var redis = samples.Where(sample => sample.IsOf(one with { Variant = MeasuredVariant.Of(Server.Variant.AspNetRedis) })).ToDictionary(static sample => sample.Round);
        return new LoadRow
        {
            Variant = one.Variant.Name,
            Endpoint = one.Endpoint,
            Connections = own[0].Connections,
            Ratio = Median(ratios),
            LowestRatio = ratios.Min(),
            HighestRatio = ratios.Max(),
            TimesRedis = redis.Count == 0 ? null : Median(own.ConvertAll(sample => sample.Ratio / redis[sample.Round].Ratio)),
            Stalled = Median(own.ConvertAll(static sample => sample.Stalled)),
            RatioBetweenStalls = Median(own.ConvertAll(static sample => sample.Ratio / (1 - Math.Min(sample.Stalled, 0.99)))),
            RequestsPerSecond = Median(own.ConvertAll(static sample => sample.RequestsPerSecond)),
            P50Milliseconds = Median(own.ConvertAll(static sample => sample.P50 / 1000.0)),
            P99Milliseconds = Median(own.ConvertAll(static sample => sample.P99 / 1000.0)),
            ProcessorMicroseconds = Median(own.ConvertAll(static sample => sample.ProcessorPerRequest)),
            SilosProcessorMicroseconds = Median(own.ConvertAll(static sample => sample.SilosProcessorPerRequest)),
            StoreProcessorMicroseconds = Median(own.ConvertAll(static sample => sample.StoreProcessorPerRequest)),
            Bytes = Median(own.ConvertAll(static sample => sample.AllocatedPerRequest)),
            BytesOverBare = Median(own.ConvertAll(static sample => sample.AllocatedOverCeiling)),
        };
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        var middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
