using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Storage;

/// <summary>The metrics of the embedded store, on the meter <c>ServerSession.Storage.Sqlite</c>. Without a listener each verb costs one check.</summary>
internal sealed class SqliteMetrics : IDisposable
{
    public const string MeterName = "ServerSession.Storage.Sqlite";

    private static readonly InstrumentAdvice<int> Writes = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] };

    // The defaults of OpenTelemetry are bounds of milliseconds.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Meter _meter;
    private readonly Histogram<int> _batchSize;
    private readonly Histogram<double> _commitDuration;
    private readonly Counter<long> _failures;
    private readonly UpDownCounter<int> _queued;

    public SqliteMetrics(IServiceProvider services)
    {
        var factory = services.GetService<IMeterFactory>();
        _meter = factory?.Create(MeterName) ?? new Meter(MeterName);
        _batchSize = _meter.CreateHistogram<int>(
            "server_session.sqlite.batch.size", "{write}", "Writes that shared one transaction.", tags: null, Writes);
        _commitDuration = _meter.CreateHistogram<double>(
            "server_session.sqlite.commit.duration", "s", "Time of one transaction, from its begin until it is on the disk.", tags: null, Seconds);
        _failures = _meter.CreateCounter<long>(
            "server_session.sqlite.commit.failures", "{transaction}", "Transactions that failed as a whole.");
        _queued = _meter.CreateUpDownCounter<int>(
            "server_session.sqlite.queue.length", "{write}", "Writes that wait for their transaction.");
    }

    public void Enqueued() => _queued.Add(1);

    public void Taken(int count) => _queued.Add(-count);

    public void Committed(int writes, TimeSpan duration)
    {
        _batchSize.Record(writes);
        _commitDuration.Record(duration.TotalSeconds);
    }

    public void Failed() => _failures.Add(1);

    public void Dispose() => _meter.Dispose();
}
