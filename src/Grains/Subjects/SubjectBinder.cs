using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>A session's side of its binding: its calls to the lists of subjects.</summary>
internal sealed partial class SubjectBinder(IGrainFactory grains, SessionObservers observers, ILogger<SubjectBinder> logger)
{
    /// <summary>Has a new session listed, before its row is written; a decision without a next state is the answer.</summary>
    /// <exception cref="SessionUnavailableException">It is not known to be listed.</exception>
    public async Task<SessionDecision> BindNewAsync(SessionInstance session, SessionDecision decision, CreateSession request, SubjectChange change)
    {
        try
        {
            var life = session.Life;
            var number = await AddAsync(life.Id, decision.Next!, change, life.Services.Now, request.NotAfter);
            return number == 0 && !change.Subject.IsDefault ? new(new SessionReply { Outcome = SessionOutcome.TooLarge, Refusal = SessionRules.SubjectIsFull(change) })
                : SessionRules.HasGivenUp(request.NotAfter, life.Services.Now) ? new(SessionReply.Of(SessionOutcome.Late))
                : SessionRules.Bind(in decision, BindingOf(change, number));
        }
        catch
        {
            session.Life.DeactivateWhenIdle();
            throw;
        }
    }

    /// <summary>Has the session listed, before it stores that it is bound; a decision without a next state is the answer.</summary>
    /// <exception cref="SessionUnavailableException">It is not known to be listed.</exception>
    public async Task<SessionDecision> BindAsync(SessionInstance session, LiveSession live, SessionDecision decision, CommitSession request, DateTimeOffset access)
    {
        var change = request.Subject!;
        var services = session.Life.Services;
        var number = await AddAsync(session.Life.Id, live.State, change, access, request.NotAfter);
        if (number < 0)
        {
            // Its subject has ended it, and was about to tell it.
            await session.Persistence.EndAsync(live, SessionEndReason.Subject);
            return new(SessionReply.Of(SessionOutcome.Gone));
        }

        var now = services.Now;
        return SessionRules.HasGivenUp(request.NotAfter, now) ? new(SessionReply.Of(SessionOutcome.Late))
            : number == 0 && !change.Subject.IsDefault ? SessionRules.RefuseSubject(live.State, request, access, now, services.Options.OperationWindow)
            : SessionRules.Bind(in decision, BindingOf(change, number));
    }

    /// <summary>Once in an activation: ends a session that its subject has not listed any more.</summary>
    /// <exception cref="SessionUnavailableException">The subject cannot answer now.</exception>
    public async Task CheckAsync(SessionInstance session, LiveSession live)
    {
        var binding = live.State.Binding!;
        if (await CallAsync(Grain(binding.Subject).HasAsync(session.Life.Id, binding.Number)))
        {
            live.NoteBindingChecked();
        }
        else
        {
            await session.Persistence.EndAsync(live, SessionEndReason.Subject);
        }
    }

    /// <summary>A commit has bound the session, or unbound it.</summary>
    public void OnBindingChanged(SessionId id, SubjectBinding? before, LiveSession live)
    {
        live.NoteBindingChecked();
        var now = live.State.Binding;
        if (before is not null && before.Subject != now?.Subject)
        {
            Forget(id, before);
        }

        if (now is not null)
        {
            observers.Bound(id, now.Subject);
        }
        else if (before is not null)
        {
            observers.Unbound(id, before.Subject);
        }
    }

    /// <summary>Tells the subject whether the session lives and is bound to it. It is no access, and brings nothing into memory for longer.</summary>
    public static async ValueTask<BoundSessionReply> LookAsync(SessionInstance session, SubjectKey subject)
    {
        using var releaser = await session.EnterAsync();
        var wasRead = session.Life.Phase is not SessionPhase.Unread;
        var live = await session.FindLiveAsync();
        if (live is not null && !wasRead)
        {
            session.Life.DeactivateWhenIdle();
        }

        return live?.State.Binding is { } binding && binding.Subject == subject
            ? new BoundSessionReply { Number = binding.Number, LastAccess = live.LastAccess, ExpiresAt = live.Deadline }
            : default;
    }

    /// <summary>Ends the session for its subject.</summary>
    public static async ValueTask<BoundSessionReply> EndBoundAsync(SessionInstance session, SubjectKey subject, long through, SubjectEndCause cause)
    {
        using var releaser = await session.EnterAsync();
        if (await session.FindLiveAsync(checkBinding: false) is not { } live
            || live.State.Binding is not { } binding || binding.Subject != subject || binding.Number > through)
        {
            return default;
        }

        await session.Persistence.EndAsync(live, cause == SubjectEndCause.Limit ? SessionEndReason.SubjectLimit : SessionEndReason.Subject);
        return new BoundSessionReply { Number = binding.Number };
    }

    /// <summary>
    /// Takes a session that ended, or is not bound any more, off the list. Nobody waits for it: an entry that is left is noticed when the list is read.
    /// </summary>
    public void Forget(SessionId id, SubjectBinding? binding)
    {
        if (binding is not null)
        {
            _ = ForgetAsync(id, binding);
        }
    }

    private async Task ForgetAsync(SessionId id, SubjectBinding binding)
    {
        try
        {
            await Grain(binding.Subject).RemoveAsync(id, binding.Number);
        }
        catch (Exception exception)
        {
            LogNotForgotten(logger, exception, id);
        }
    }

    /// <returns>The number of the entry; zero where none was made, minus one where the session was ended by this subject.</returns>
    private async Task<long> AddAsync(SessionId id, SessionState state, SubjectChange change, DateTimeOffset lastAccess, DateTimeOffset? notAfter) => change.Subject.IsDefault
        ? 0
        : (await CallAsync(Grain(change.Subject).AddAsync(new ListSession
        {
            Session = id,
            Current = state.Binding is { } present && present.Subject == change.Subject ? present.Number : 0,
            CreatedAt = state.Snapshot.CreatedAt,
            ExpiresAt = state.Deadline(lastAccess),
            Change = change,
            NotAfter = notAfter,
        }))).Number;

    private static SubjectBinding? BindingOf(SubjectChange change, long number) => change.Subject.IsDefault ? null : new SubjectBinding(change.Subject, number);

    private ISubjectGrain Grain(SubjectKey subject) => grains.GetGrain<ISubjectGrain>(subject.ToGrainKey());

    private static async Task<T> CallAsync<T>(ValueTask<T> call)
    {
        try
        {
            return await call;
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            throw new SessionUnavailableException("The list of the user's sessions cannot be reached now.", exception);
        }
    }
}
