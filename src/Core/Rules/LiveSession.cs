namespace ServerSession.Core;

/// <summary>
/// A session that lives: its state and its last access, and what the operations do to them. No clock, no storage, no lock: who keeps it calls it
/// under the session's lock, ends it when it is due, and applies a new state only after it was stored as far as its durability asks.
/// </summary>
public sealed class LiveSession(SessionState state, DateTimeOffset lastAccess) : SessionPhase
{
    private long _lastAccess = lastAccess.UtcTicks;
    private bool _isBindingChecked;

    public SessionState State { get; private set; } = state;

    public DateTimeOffset LastAccess => new(_lastAccess, TimeSpan.Zero);

    public SessionTerms Terms => State.Snapshot.Terms;

    public bool IsVolatile => Terms.Durability == SessionDurability.Volatile;

    /// <summary>When the session expires unless it is accessed before.</summary>
    public DateTimeOffset Deadline => State.Deadline(LastAccess);

    public bool IsDue(DateTimeOffset now) => now >= Deadline;

    /// <summary>Moves the last access, never backwards.</summary>
    public void Touch(DateTimeOffset access) => _lastAccess = Math.Max(_lastAccess, access.UtcTicks);

    /// <summary>The last access with this one.</summary>
    public DateTimeOffset AccessAt(DateTimeOffset now) => new(Math.Max(_lastAccess, now.UtcTicks), TimeSpan.Zero);

    public SessionReply Open(VerifierHash verifier) => SessionRules.Open(State, verifier, LastAccess);

    /// <summary>The answer to a token that is not the present one.</summary>
    /// <param name="now">The time.</param>
    /// <param name="grace">How long after its replacement a token counts as in flight.</param>
    public SessionReply Stale(DateTimeOffset now, TimeSpan grace) => new() { Outcome = SessionOutcome.Stale, GraceIsOver = now - State.RotatedAt > grace };

    /// <summary>Serves a committed state.</summary>
    public void Apply(SessionState next) => State = next;

    /// <summary>Whether the subject was asked, since the session came into memory, whether it has the session listed still.</summary>
    public bool IsBindingChecked => State.Binding is null || _isBindingChecked;

    /// <summary>The subject has the session listed.</summary>
    public void NoteBindingChecked() => _isBindingChecked = true;
}
