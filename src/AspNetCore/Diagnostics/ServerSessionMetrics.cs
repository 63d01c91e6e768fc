using System.Diagnostics.Metrics;

namespace ServerSession.AspNetCore;

/// <summary>The operations that are measured: a closed set.</summary>
internal enum SessionOperation
{
    Open,
    Create,
    Commit,
    Rotate,
    Destroy,
}

/// <summary>The metrics of the web tier, on the meter <see cref="MeterName"/>. No tag has an id, a key, a value or a token.</summary>
internal sealed class ServerSessionMetrics : IDisposable
{
    public const string MeterName = "ServerSession.AspNetCore";

    // The defaults of OpenTelemetry are bounds of milliseconds.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Meter _meter;
    private readonly TimeProvider _time;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _invalidTokens;
    private readonly Counter<long> _degraded;
    private readonly Counter<long> _refusedResponses;

    public ServerSessionMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        _meter = meters.Create(MeterName);
        _duration = _meter.CreateHistogram<double>(
            "server_session.operation.duration", "s", "Session operations of the web tier, repeats included, by operation and outcome.", tags: null, Seconds);
        _retries = _meter.CreateCounter<long>("server_session.retries", "{retry}", "Session operations repeated after a failure of the cluster.");
        _invalidTokens = _meter.CreateCounter<long>("server_session.invalid_tokens", "{token}", "Requests with something in place of a token that is none.");
        _degraded = _meter.CreateCounter<long>("server_session.degraded_requests", "{request}", "Requests that went on without their session.");
        _refusedResponses = _meter.CreateCounter<long>("server_session.refused_responses", "{response}", "Responses replaced by problem details, by status code.");
    }

    private long Begin() => _duration.Enabled ? _time.GetTimestamp() : 0;

    /// <summary>Records an operation; no outcome means that it failed.</summary>
    public void Operation(SessionOperation operation, SessionOutcome outcome, long began)
    {
        if (_duration.Enabled && began != 0)
        {
            _duration.Record(
                _time.GetElapsedTime(began).TotalSeconds,
                new KeyValuePair<string, object?>("operation", NameOf(operation)),
                new KeyValuePair<string, object?>("outcome", NameOf(outcome)));
        }
    }

    /// <summary>Makes a call to the store and records it.</summary>
    public async ValueTask<SessionReply> MeasureAsync<TCall>(SessionOperation operation, TCall call, Func<TCall, ValueTask<SessionReply>> send)
    {
        var began = Begin();
        var outcome = SessionOutcome.None;
        try
        {
            var reply = await send(call).ConfigureAwait(false);
            outcome = reply.Outcome;
            return reply;
        }
        finally
        {
            Operation(operation, outcome, began);
        }
    }

    public void Retry() => _retries.Add(1);

    public void InvalidToken() => _invalidTokens.Add(1);

    public void Degraded() => _degraded.Add(1);

    public void RefusedResponse(int status) => _refusedResponses.Add(1, new KeyValuePair<string, object?>("http.response.status_code", status));

    public void Dispose() => _meter.Dispose();

    private static string NameOf(SessionOperation operation) => operation switch
    {
        SessionOperation.Open => "open",
        SessionOperation.Create => "create",
        SessionOperation.Commit => "commit",
        SessionOperation.Rotate => "rotate",
        SessionOperation.Destroy => "destroy",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Not an operation of a session."),
    };

    private static string NameOf(SessionOutcome outcome) => outcome switch
    {
        SessionOutcome.Created => "created",
        SessionOutcome.Opened => "opened",
        SessionOutcome.Committed => "committed",
        SessionOutcome.Destroyed => "destroyed",
        SessionOutcome.Gone => "gone",
        SessionOutcome.Stale => "stale",
        SessionOutcome.TooLarge => "too_large",
        SessionOutcome.Mismatch => "mismatch",
        SessionOutcome.Late => "late",
        _ => "failed",
    };
}
