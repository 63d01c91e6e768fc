using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Storage;

/// <summary>The meter <c>ServerSession.Storage.Sqlite</c>. Without a listener each verb costs one check.</summary>
internal sealed class SqliteMetrics : IDisposable
{
    public const string MeterName = "ServerSession.Storage.Sqlite";

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
            "serversession.sqlite.batch.size", "{write}", "Writes that shared one transaction.");
        _commitDuration = _meter.CreateHistogram<double>(
            "serversession.sqlite.commit.duration", "s", "Time of one transaction, from its begin until it is on the disk.");
        _failures = _meter.CreateCounter<long>(
            "serversession.sqlite.commit.failures", "{transaction}", "Transactions that failed as a whole.");
        _queued = _meter.CreateUpDownCounter<int>(
            "serversession.sqlite.queue.length", "{write}", "Writes that wait for their transaction.");
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
