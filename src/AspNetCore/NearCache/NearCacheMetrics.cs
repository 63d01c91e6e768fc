using System.Diagnostics.Metrics;

namespace ServerSession.AspNetCore;

/// <summary>What a read at an endpoint that declares how old its session may be came to: a closed set.</summary>
internal enum NearRead
{
    /// <summary>Served without a call.</summary>
    Hit,

    /// <summary>The session was asked, and had not changed: the reply carried no data.</summary>
    Unchanged,

    /// <summary>The session was asked, and sent its data, or is not there.</summary>
    Miss,
}

/// <summary>The metrics of the near cache, on the meter <c>ServerSession.AspNetCore</c>.</summary>
internal sealed class NearCacheMetrics
{
    private readonly Counter<long> _reads;
    private readonly Counter<long> _evictions;

    public NearCacheMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ServerSessionMetrics.MeterName);
        _reads = meter.CreateCounter<long>("server_session.near_cache.reads", "{read}", "Reads at endpoints that declare how old their session may be, by how they were answered.");
        _evictions = meter.CreateCounter<long>("server_session.near_cache.evictions", "{session}", "Sessions given up because there were too many.");
        meter.CreateObservableUpDownCounter("server_session.near_cache.entries", () => (long)(Cache?.Count ?? 0), "{session}", "Sessions that this frontend keeps, or kept until they changed or ended.");
        meter.CreateObservableUpDownCounter("server_session.near_cache.bytes", () => Cache?.Bytes ?? 0, "By", "Data of the sessions that this frontend keeps: keys in UTF-8 and values.");
    }

    /// <summary>What is measured when somebody looks.</summary>
    public NearCache? Cache { private get; set; }

    public void Read(NearRead read) => _reads.Add(1, new KeyValuePair<string, object?>("result", NameOf(read)));

    public void Evicted() => _evictions.Add(1);

    private static string NameOf(NearRead read) => read switch
    {
        NearRead.Hit => "hit",
        NearRead.Unchanged => "unchanged",
        NearRead.Miss => "miss",
        _ => throw new ArgumentOutOfRangeException(nameof(read), read, "Not an answer to a read."),
    };
}
