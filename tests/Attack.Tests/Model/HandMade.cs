using ServerSession.Tests.Support;

namespace ServerSession.Tests.Model;

/// <summary>A history that a test writes itself: one call after the other, with the answers it says.</summary>
internal sealed class HandMade(SessionTerms terms)
{
    private readonly List<Call> _calls = [];
    private readonly VerifierHash _hash = SessionVerifier.New().Hash();
    private DateTimeOffset _now = GrainClock.Start;
    private DateTimeOffset _access = GrainClock.Start;
    private long _time;

    public void Advance(int seconds) => _now = _now.AddSeconds(seconds);

    /// <summary>A true answer of a session at a version with these data, accessed now.</summary>
    public SessionReply Live(long version, string data)
    {
        _access = _now;
        var idle = _access + terms.IdleTimeout;
        var absolute = GrainClock.Start + terms.AbsoluteLifetime;
        return new SessionReply
        {
            Outcome = SessionOutcome.Opened,
            Snapshot = new SessionSnapshot(version, GrainClock.Start, terms, Data(data)),
            ExpiresAt = idle < absolute ? idle : absolute,
        };
    }

    public void Create() => Add(
        new Request.Create(new CreateSession { Verifier = _hash, Terms = terms, IssuedAt = GrainClock.Start }),
        Live(1, "") with { Outcome = SessionOutcome.Created });

    public void Open(int token, SessionReply reply, bool peek = false) => Add(new Request.Open(token, peek), reply);

    /// <param name="operation">The operation's number; a number used before is a repeat.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="reply">The session as the answer shows it; null where there is no answer.</param>
    /// <param name="result">The result of the only change, if it has one.</param>
    /// <param name="rotateTo">The token's successor, if it is rotated.</param>
    /// <param name="patience">After how many seconds the caller gives up, if it does.</param>
    public void Commit(
        int operation, SessionChange[] changes, SessionReply? reply, SessionChangeResult? result = null, int? rotateTo = null, int? patience = null)
    {
        var message = new CommitSession
        {
            Verifier = _hash,
            Operation = new OperationId(1, (ulong)operation),
            IssuedAt = _now,
            NotAfter = patience is { } seconds ? _now.AddSeconds(seconds) : null,
            Changes = changes,
            WantSnapshot = true,
        };
        var answer = reply is { } known
            ? known with { Outcome = SessionOutcome.Committed, Results = result is { } value ? [value] : null }
            : default(SessionReply?);
        Add(new Request.Commit(message, operation, 0, rotateTo), answer);
    }

    public void Destroy(int token, SessionOutcome outcome) => Add(new Request.Destroy(token), SessionReply.Of(outcome));

    /// <summary>A destroy without an answer.</summary>
    public void GiveUpDestroy(int token, int patience) => Add(new Request.Destroy(token, _now.AddSeconds(patience)), null);

    public void Drop() => Add(new Request.Drop(), null);

    /// <summary>Lets two calls overlap that followed each other.</summary>
    public void MakeConcurrent(int first, int second) => _calls[first] = _calls[first] with { Answered = _calls[second].Answered };

    /// <param name="regress">As for <see cref="SessionSpec"/>.</param>
    /// <param name="storesLate">As for <see cref="SessionSpec"/>.</param>
    public string? Refute(double regress = 0, bool storesLate = false) =>
        Linearizer.Refute(_calls, new SessionSpec(SessionLimits.Default, new SessionGrainOptions().OperationWindow, regress, storesLate));

    private void Add(Request request, SessionReply? reply) => _calls.Add(new Call(0, request)
    {
        Sent = ++_time,
        Answered = reply is null ? Call.Never : ++_time,
        Now = new TimeRange(_now, _now),
        LatestSoFar = _now,
        EarliestSince = _now,
        Reply = reply,
    });

    private static SessionData Data(string data) => SessionDataEditor.Apply(
        SessionData.Empty,
        [.. data.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split("=Bytes:")).Select(pair => SessionDriver.Set(pair[0], pair[1]))],
        SessionLimits.Default).Data;
}
