using System.Diagnostics.Metrics;
using ServerSession.Events;

namespace ServerSession;

/// <summary>The measurements of the silo side, on the meter <c>ServerSession.Silo</c>.</summary>
internal sealed class SessionInstruments : ISessionObserver
{
    public const string MeterName = "ServerSession.Silo";

    private readonly Counter<long> _created;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _bound;
    private readonly Counter<long> _limits;
    private readonly Counter<long> _stale;
    private readonly Counter<long> _storageFailures;
    private readonly Histogram<double> _storage;

    public SessionInstruments(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _created = meter.CreateCounter<long>("server_session.created", "{session}", "Sessions created.");
        _ended = meter.CreateCounter<long>("server_session.ended", "{session}", "Sessions ended, by reason.");
        _bound = meter.CreateCounter<long>("server_session.bound", "{session}", "Sessions bound to a user.");
        _limits = meter.CreateCounter<long>("server_session.subject_limits", "{session}", "Sessions that were to be bound to a user who has as many as allowed, by policy.");
        _stale = meter.CreateCounter<long>("server_session.stale_tokens", "{request}", "Uses of a token that a rotation had replaced, by whether the grace period was over.");
        _storageFailures = meter.CreateCounter<long>("server_session.storage.failures", "{call}", "Storage calls that failed, by operation and kind.");
        _storage = meter.CreateHistogram<double>("server_session.storage.duration", "s", "Duration of storage calls, by operation.");
    }

    public void Created(in ObservedSession session) => _created.Add(1);

    public void Bound(SessionId id, SubjectKey subject) => _bound.Add(1);

    public void SubjectLimitReached(SessionId id, SubjectKey subject, SubjectLimitPolicy policy) =>
        _limits.Add(1, new KeyValuePair<string, object?>("policy", policy.ToString()));

    public void Ended(SessionId id, SessionEndReason reason) => _ended.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));

    public void StaleToken(SessionId id, bool graceIsOver) => _stale.Add(1, new KeyValuePair<string, object?>("after_grace", graceIsOver));

    public void Stored(string operation, TimeSpan duration) =>
        _storage.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("operation", operation));

    public void StorageFailed(string operation, string kind) =>
        _storageFailures.Add(1, new("operation", operation), new("kind", kind));
}
