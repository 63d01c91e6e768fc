using ServerSession.Tests.Data;
using ServerSession.Tests.Model;
using ServerSession.Tests.Support;
using Request = ServerSession.Tests.Model.Request;

namespace ServerSession.Tests.Races;

/// <summary>
/// What was asked of a session, told apart by key: a session does one thing at a time if and only if it looks so for each of its keys
/// (M. Herlihy and J. M. Wing, 1990), and the history of one key is short enough to be searched.
/// </summary>
internal sealed class KeyHistories(CreateSession create, SessionReply created)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, List<Call>> _calls = new(StringComparer.Ordinal);
    private long _time = 2;
    private int _operations;

    /// <summary>The moment at which something is sent.</summary>
    public long Now => Interlocked.Increment(ref _time);

    public void Committed(CommitSession request, long sent, SessionReply reply)
    {
        lock (_gate)
        {
            var operation = ++_operations;
            for (var index = 0; index < request.Changes.Count; index++)
            {
                var change = request.Changes[index];
                var ofKey = request with { Changes = [change], WantSnapshot = false };
                var answer = reply with { Snapshot = null, Results = change.IsAtomic ? [reply.Results![index]] : null };
                Add(change.Key, new Request.Commit(ofKey, operation, Token: 0), sent, answer);
            }
        }
    }

    public void Opened(string key, long sent, SessionReply reply)
    {
        var data = reply.Snapshot!.Data.TryGetValue(key, out var value) ? $"{key}={value.Kind}:{Sample.Text(value.Bytes)}" : "";
        lock (_gate)
        {
            Add(key, new Request.Look(data), sent, reply with { Snapshot = null });
        }
    }

    public void Judge()
    {
        foreach (var (key, calls) in _calls)
        {
            var spec = new SessionSpec(SessionLimits.Default, new SessionGrainOptions().OperationWindow, regress: 0);
            if (Linearizer.Refute(calls, spec) is { } refutation)
            {
                Assert.Fail($"Key {key}: {refutation}");
            }
        }
    }

    private void Add(string key, Request request, long sent, SessionReply reply)
    {
        if (!_calls.TryGetValue(key, out var calls))
        {
            _calls.Add(key, calls = [At(new Request.Create(create), 1, 2, created)]);
        }

        calls.Add(At(request, sent, ++_time, reply));
    }

    private Call At(Request request, long sent, long answered, SessionReply reply) => new(0, request)
    {
        Sent = sent,
        Answered = answered,
        Now = new TimeRange(create.IssuedAt, create.IssuedAt),
        LatestSoFar = create.IssuedAt,
        Reply = reply,
    };
}
