using System.Diagnostics.Metrics;

namespace ServerSession.Grains;

/// <summary>The metrics of the silo's sessions and of their storage, on the meter <c>ServerSession.Silo</c>. No tag has an id, a key, a value or a token.</summary>
internal sealed class SessionMetrics : ISessionObserver
{
    public const string MeterName = "ServerSession.Silo";

    /// <summary>Bounds of histograms in seconds: the defaults of OpenTelemetry are those of milliseconds.</summary>
    public static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Counter<long> _created;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _bound;
    private readonly Counter<long> _limits;
    private readonly Counter<long> _stale;
    private readonly Counter<long> _storageFailures;
    private readonly Histogram<double> _storage;

    public SessionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _created = meter.CreateCounter<long>("server_session.created", "{session}", "Sessions created.");
        _ended = meter.CreateCounter<long>("server_session.ended", "{session}", "Sessions ended, by reason.");
        _bound = meter.CreateCounter<long>("server_session.bound", "{session}", "Sessions bound to a user.");
        _limits = meter.CreateCounter<long>("server_session.subject_limits", "{session}", "Sessions that were to be bound to a user who has as many as allowed, by policy.");
        _stale = meter.CreateCounter<long>("server_session.stale_tokens", "{request}", "Uses of a token that a rotation had replaced, by whether the grace period was over.");
        _storageFailures = meter.CreateCounter<long>("server_session.storage.failures", "{call}", "Storage calls that failed, by operation and kind.");
        _storage = meter.CreateHistogram<double>("server_session.storage.duration", "s", "Duration of the storage calls that succeeded, by operation.", tags: null, Seconds);
    }

    public void Created(in ObservedSession session) => _created.Add(1);

    public void Bound(SessionId id, SubjectKey subject) => _bound.Add(1);

    public void SubjectLimitReached(SessionId id, SubjectKey subject, SubjectLimitPolicy policy) =>
        _limits.Add(1, new KeyValuePair<string, object?>("policy", NameOf(policy)));

    public void Ended(SessionId id, SessionEndReason reason) => _ended.Add(1, new KeyValuePair<string, object?>("reason", NameOf(reason)));

    public void StaleToken(SessionId id, bool graceIsOver) => _stale.Add(1, new KeyValuePair<string, object?>("after_grace", graceIsOver));

    public void Stored(StorageOperation operation, TimeSpan duration) =>
        _storage.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("operation", NameOf(operation)));

    public void StorageFailed(StorageOperation operation, StorageFailureKind kind) =>
        _storageFailures.Add(1, new("operation", NameOf(operation)), new("kind", NameOf(kind)));

    /// <summary>The operation as tags and messages name it.</summary>
    public static string NameOf(StorageOperation operation) => operation switch
    {
        StorageOperation.Read => "read",
        StorageOperation.Write => "write",
        StorageOperation.Clear => "clear",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Not an operation of a storage."),
    };

    private static string NameOf(StorageFailureKind kind) => kind switch
    {
        StorageFailureKind.Inconsistent => "inconsistent",
        StorageFailureKind.Timeout => "timeout",
        StorageFailureKind.Error => "error",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a failure of a storage."),
    };

    private static string NameOf(SessionEndReason reason) => reason switch
    {
        SessionEndReason.Destroyed => "destroyed",
        SessionEndReason.Administrator => "administrator",
        SessionEndReason.Expired => "expired",
        SessionEndReason.Subject => "subject",
        SessionEndReason.SubjectLimit => "subject_limit",
        SessionEndReason.Cluster => "cluster",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "Not a reason of an end."),
    };

    private static string NameOf(SubjectLimitPolicy policy) => policy switch
    {
        SubjectLimitPolicy.RejectNewest => "reject_newest",
        SubjectLimitPolicy.EndOldest => "end_oldest",
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "Not a policy of a limit."),
    };
}
