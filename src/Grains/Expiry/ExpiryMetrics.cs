using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ServerSession.Grains;

/// <summary>The metrics of the clean-up, on the meter <c>ServerSession.Silo</c>.</summary>
internal sealed class ExpiryMetrics
{
    private readonly ConcurrentDictionary<long, ExpiryBacklog> _backlogs = new();
    private readonly Counter<long> _reserved;
    private readonly Counter<long> _registered;
    private readonly Counter<long> _looked;
    private readonly Counter<long> _removed;
    private readonly Counter<long> _failed;

    public ExpiryMetrics(IMeterFactory meters, SessionClock clock)
    {
        var meter = meters.Create(SessionMetrics.MeterName);
        _reserved = meter.CreateCounter<long>("server_session.expiry.ids_reserved", "{id}", "Ids registered before they were given to a frontend.");
        _registered = meter.CreateCounter<long>("server_session.expiry.ids_registered", "{id}", "Ids registered one by one, because they came from elsewhere or their session was volatile.");
        _looked = meter.CreateCounter<long>("server_session.expiry.rows_swept", "{row}", "Ids that the clean-up looked up in the storage.");
        _removed = meter.CreateCounter<long>("server_session.expiry.rows_removed", "{row}", "Rows that the clean-up removed.");
        _failed = meter.CreateCounter<long>("server_session.expiry.failures", "{row}", "Ids that the clean-up could not look up or end; it comes again.");
        meter.CreateObservableGauge("server_session.expiry.backlog", () => Due(clock.Time.GetUtcNow()), "{page}", "Pages of the index in this silo that are due.");
        meter.CreateObservableGauge("server_session.expiry.oldest_due", () => OldestAge(clock.Time.GetUtcNow()), "s", "Since when the oldest due page of the index in this silo is due; 0 where none is.");
    }

    public void Reserved(int ids) => _reserved.Add(ids);

    public void Registered(int ids) => _registered.Add(ids);

    public void Swept(PageFindings findings)
    {
        _looked.Add(findings.Looked);
        _removed.Add(findings.Removed);
        _failed.Add(findings.Failed);
    }

    public void Backlog(long shard, ExpiryBacklog backlog) => _backlogs[shard] = backlog;

    public void Forget(long shard) => _backlogs.TryRemove(shard, out _);

    private long Due(DateTimeOffset now) => _backlogs.Values.Sum(backlog => (long)backlog.Due(now).Pages);

    private double OldestAge(DateTimeOffset now)
    {
        var oldest = _backlogs.Values.Min(backlog => backlog.Due(now).Oldest);
        return oldest is { } since && since < now ? (now - since).TotalSeconds : 0;
    }
}
