using System.Collections.Immutable;
using ServerSession.Tests.Data;

namespace ServerSession.Tests.Model;

/// <summary>
/// The sequential specification: what a session may answer, and what it is then. It is written from the guarantees, not from the grain's code,
/// and knows nothing of activations, rows or retries.
/// </summary>
/// <param name="limits">The limits in force.</param>
/// <param name="window">The operation window.</param>
/// <param name="regress">
/// By which part of the idle timeout the last access may fall back, which the guarantee of deadlines allows where a touch could not be stored; zero where
/// nothing went wrong. It may come back as well, no further than it had been: the touch that an activation wanted to store at its end is
/// stored after the next one has read the row.
/// </param>
/// <param name="storesLate">
/// Whether a write that a silo handed to the storage may be done at any later time: then an operation may take effect after its caller gave up.
/// </param>
internal sealed class SessionSpec(SessionLimits limits, TimeSpan window, double regress, bool storesLate = false)
{
    public bool StoresLate => storesLate;

    public ModelState Start { get; } = new() { Data = new EditorModel(limits) };

    /// <summary>The states that an answered call may have left; none if the state does not allow the answer.</summary>
    public IEnumerable<ModelState> After(ModelState state, Call call) => Explained(Regressed(state), call).Select(Accessed);

    /// <summary>The state after a call without an answer took effect; null if it has none, or none that matters.</summary>
    public ModelState? Effect(ModelState state, Call call) => call.Request switch
    {
        Request.Create create when state.Life == Life.Absent => Apply(new EditorModel(limits), create.Message.Changes) is (SessionOutcome.Committed, _, var data)
            ? Born(create.Message, call.Now, data)
            : null,
        Request.Commit commit when state.Life == Life.Live && commit.Token == state.Token && !state.Operations.ContainsKey(commit.Operation) && HasEffect(state, commit)
            && !MustBeRefused(state, commit, call) =>
            Apply(state, commit).State,
        Request.Destroy destroy when state.Life == Life.Live && (destroy.Token ?? state.Token) == state.Token => state.End(),
        Request.Drop when state.Life == Life.Live && state.IsVolatile => Start,
        Request.Drop when state.EndedInMemory => Start,
        _ => null,
    };

    /// <summary>Whether a call without an answer may have moved the last access.</summary>
    public static bool MayTouch(Request request) => request is Request.Open { Peek: false } or Request.Commit or Request.Create;

    private IEnumerable<ModelState> Explained(ModelState state, Call call)
    {
        if (call.Request is Request.Expire)
        {
            return Expired(state, call, call.Expiry!.Value);
        }

        var next = call.Request switch
        {
            Request.Create create => Created(state, create.Message, call, call.Reply!.Value),
            Request.Look look => IsAlive(state, call) && state.Data.Show() == look.Data ? state : null,
            Request.Open open => Opened(state, open, call, call.Reply!.Value),
            Request.Commit commit => Committed(state, commit, call, call.Reply!.Value),
            Request.Destroy destroy => Destroyed(state, destroy, call, call.Reply!.Value),
            _ => throw new InvalidOperationException($"{call.Request} has no answer."),
        };
        return next is null ? [] : [next];
    }

    private ModelState? Created(ModelState state, CreateSession message, Call call, SessionReply reply)
    {
        var (outcome, results, data) = Apply(new EditorModel(limits), message.Changes);
        switch (reply.Outcome)
        {
            case SessionOutcome.Created when state.Life == Life.Absent && InWindow(message.IssuedAt, call) && MayBeWaitedFor(call) && outcome == SessionOutcome.Committed && results == Show(message.Changes, reply.Results):
                var born = Seen(Born(message, call.Now, data), reply.Snapshot);
                return born is null ? null : Due(born with { Access = born.Created }, reply.ExpiresAt);
            case SessionOutcome.Gone when state.Life != Life.Absent:
            case SessionOutcome.Late when MayBeLate(message.IssuedAt, call) || MayBeGivenUp(call):
            case SessionOutcome.TooLarge or SessionOutcome.Mismatch when state.Life == Life.Absent && outcome == reply.Outcome:
                return state;
            default:
                return null;
        }
    }

    private static ModelState? Opened(ModelState state, Request.Open open, Call call, SessionReply reply) => reply.Outcome switch
    {
        SessionOutcome.Gone => Gone(state, call),
        SessionOutcome.Stale when IsAlive(state, call) && open.Token != state.Token => state,
        SessionOutcome.Opened when IsAlive(state, call) && open.Token == state.Token =>
            Seen(Due(open.Peek ? state : Touched(state, call), reply.ExpiresAt), reply.Snapshot),
        _ => null,
    };

    private ModelState? Committed(ModelState state, Request.Commit commit, Call call, SessionReply reply)
    {
        if (reply.Outcome == SessionOutcome.Gone)
        {
            return Gone(state, call);
        }

        if (!IsAlive(state, call))
        {
            return null;
        }

        var message = commit.Message;
        var forgotten = MayBeLate(message.IssuedAt, call);
        var current = commit.Token == state.Token;
        var done = current || commit.Token == state.Previous ? state.Operations.GetValueOrDefault(commit.Operation) : null;
        var touched = message.Touch ? Touched(state, call) : state;
        var answered = IsAnswered(state, commit);
        if (reply.Outcome == SessionOutcome.Late)
        {
            return current && (forgotten || answered || MayBeGivenUp(call)) ? state : null;
        }

        if (reply.Outcome == SessionOutcome.Stale)
        {
            return !current && (done is null || forgotten || answered) ? state : null;
        }

        // What its source has said to be answered is forgotten with its answer.
        if (done is not null && !answered)
        {
            var mayRead = current || commit.NewToken == state.Token;
            return reply.Outcome == done.Outcome && Show(message.Changes, reply.Results) == done.Results ? Told(touched, message.WantSnapshot && mayRead) : null;
        }

        if (!current)
        {
            var sameRotation = commit.Token == state.Previous && commit.NewToken == state.Token && message.Changes.Count == 0 && message.NewTerms is null;
            return sameRotation && reply.Outcome == SessionOutcome.Committed ? Told(touched, message.WantSnapshot) : null;
        }

        if (!InWindow(message.IssuedAt, call) || !MayBeWaitedFor(call) || MustBeRefused(state, commit, call) || done is not null)
        {
            return null;
        }

        if (!HasEffect(state, commit))
        {
            return reply.Outcome == SessionOutcome.Committed ? Told(touched, message.WantSnapshot) : null;
        }

        var (next, fresh) = Apply(touched, commit);
        return fresh.Outcome == reply.Outcome && fresh.Results == Show(message.Changes, reply.Results) ? Told(next, message.WantSnapshot) : null;

        ModelState? Told(ModelState then, bool snapshot) => snapshot && reply.Outcome == SessionOutcome.Committed
            ? Seen(Due(then, reply.ExpiresAt), reply.Snapshot)
            : reply.Snapshot is null ? Due(then, reply.ExpiresAt) : null;
    }

    private static ModelState? Destroyed(ModelState state, Request.Destroy destroy, Call call, SessionReply reply)
    {
        var may = (destroy.Token ?? state.Token) == state.Token;
        return reply.Outcome switch
        {
            SessionOutcome.Gone => Gone(state, call),
            SessionOutcome.Destroyed when IsAlive(state, call) && may && MayBeWaitedFor(call) => state.End(),
            SessionOutcome.Late when IsAlive(state, call) && may && MayBeGivenUp(call) => state,
            SessionOutcome.Stale when IsAlive(state, call) && !may => state,
            _ => null,
        };
    }

    private static IEnumerable<ModelState> Expired(ModelState state, Call call, ExpiryReply reply)
    {
        if (!reply.Gone && IsAlive(state, call) && Due(state, reply.ExpiresAt) is { } due)
        {
            yield return due;
        }

        // What is due may also be the mark that keeps a delayed create from taking the id of a session that ended.
        if (Gone(state, call) is { } gone && (reply.Gone || (gone.Life == Life.Ended && reply.ExpiresAt == gone.TombstoneUntil)))
        {
            yield return gone;
        }
    }

    /// <summary>Nothing is there: it never was, it had ended, or its time is over and now it has ended.</summary>
    private static ModelState? Gone(ModelState state, Call call) =>
        state.Life != Life.Live ? state : call.LatestSoFar >= state.Deadline.From ? state.End() : null;

    private static bool IsAlive(ModelState state, Call call) => state.Life == Life.Live && call.Now.From < state.Deadline.To;

    /// <summary>The last access may be any from the least one that was stored to the latest one that there was.</summary>
    private ModelState Regressed(ModelState state) => regress == 0 || state.Life != Life.Live
        ? state
        : state with { Access = new TimeRange(Max(state.StoredAccess, state.Created.From), Max(state.LatestAccess, state.Access.To)) };

    /// <summary>Of an access that an answer showed, no more than a touch fraction can be missing in the storage, now and ever after.</summary>
    private ModelState Accessed(ModelState state) => state.Life != Life.Live
        ? state
        : state with
        {
            StoredAccess = Max(state.StoredAccess, state.Access.From - state.Terms.IdleTimeout * regress),
            LatestAccess = Max(state.LatestAccess, state.Access.To),
        };

    private static ModelState Touched(ModelState state, Call call) => state with
    {
        Access = new TimeRange(Max(state.Access.From, call.Now.From), Max(state.Access.To, call.Now.To)),
    };

    /// <summary>Deadlines hold: the deadline that was told is the one of the last access, which it makes known.</summary>
    private static ModelState? Due(ModelState state, DateTimeOffset expiresAt)
    {
        if (!state.Deadline.Contains(expiresAt))
        {
            return null;
        }

        var access = expiresAt - state.Terms.IdleTimeout;
        var exact = expiresAt < state.Created.From + state.Terms.AbsoluteLifetime;
        return state with { Access = exact ? new TimeRange(access, access) : state.Access with { From = Max(access, state.Access.From) } };
    }

    /// <summary>Read your writes: the snapshot that was told is the present one.</summary>
    private static ModelState? Seen(ModelState? state, SessionSnapshot? snapshot) =>
        state is not null && snapshot is not null
        && snapshot.Version == state.Version
        && snapshot.Terms == state.Terms
        && state.Created.Contains(snapshot.CreatedAt)
        && EditorModel.Show(snapshot.Data) == state.Data.Show()
            ? state with { Created = new TimeRange(snapshot.CreatedAt, snapshot.CreatedAt) }
            : null;

    private ModelState Born(CreateSession message, TimeRange now, EditorModel data) => Start with
    {
        Life = Life.Live,
        Version = 1,
        Terms = message.Terms,
        Created = now,
        Access = now,
        Data = data,
        TombstoneUntil = message.IssuedAt + window * 2,
    };

    private static bool HasEffect(ModelState state, Request.Commit commit) =>
        commit.Message.Changes.Count > 0 || commit.Message.NewTerms is not null || (commit.NewToken is { } token && token != state.Token);

    private static (ModelState State, Done Done) Apply(ModelState state, Request.Commit commit)
    {
        var (outcome, results, data) = Apply(state.Data, commit.Message.Changes);
        var done = new Done(outcome, results);
        var next = state with { Operations = state.Operations.Add(commit.Operation, done) };
        if (commit.Message.FirstUnanswered > 0)
        {
            next = next with { FirstUnanswered = Math.Max(state.FirstUnanswered, commit.Message.FirstUnanswered), NumberedAt = commit.Message.IssuedAt };
        }

        if (outcome != SessionOutcome.Committed)
        {
            return (next, done);
        }

        next = next with { Data = data, Version = state.Version + 1, Terms = commit.Message.NewTerms ?? state.Terms };
        return (commit.NewToken is { } token && token != state.Token ? next with { Token = token, Previous = state.Token } : next, done);
    }

    private static (SessionOutcome Outcome, string? Results, EditorModel Data) Apply(EditorModel before, IReadOnlyList<SessionChange> changes)
    {
        var data = before.Copy();
        var (outcome, results) = data.Apply([.. changes]);
        return (outcome, results is null ? null : string.Join('|', results), data);
    }

    private static string? Show(IReadOnlyList<SessionChange> changes, IReadOnlyList<SessionChangeResult>? results) =>
        results is null ? null : string.Join('|', results.Select((result, index) => changes[index].IsAtomic ? EditorModel.Show(result) : "-"));

    private bool InWindow(DateTimeOffset issuedAt, Call call) => issuedAt <= call.Now.To + window && issuedAt >= call.Now.From - window;

    /// <summary>Whether some silo's clock has been so far ahead that the operation may be refused or forgotten.</summary>
    private bool MayBeLate(DateTimeOffset issuedAt, Call call) => call.LatestSoFar - issuedAt > window || issuedAt - call.Now.From > window;

    /// <summary>Whether the operation's source has said that it waits for it no longer: no operation takes effect after that.</summary>
    private static bool IsAnswered(ModelState state, Request.Commit commit) =>
        commit.Message.FirstUnanswered > 0 && commit.Message.Operation.Sequence < state.FirstUnanswered;

    private bool MustBeRefused(ModelState state, Request.Commit commit, Call call) => IsAnswered(state, commit) && !MayBeLate(state.NumberedAt, call);

    /// <summary>Whether the grain's clock may not have been past the time at which the caller gave up.</summary>
    private static bool MayBeWaitedFor(Call call) => !(call.NotAfter < call.Now.From);

    private static bool MayBeGivenUp(Call call) => call.NotAfter < call.Now.To;

    private static DateTimeOffset Max(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
