using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>
/// One session in memory: its operations, one after the other, under its lock. Each asks the rules, lets the new state be stored, and only then
/// serves it, publishes it and answers. It needs no silo: a test gives it another activation.
/// </summary>
/// <remarks>
/// Orleans runs one call of an activation at a time, but knows nothing of what frontends in the silo's process do locally. So every operation,
/// timers and deactivation included, takes the session's own lock. Local frontends read only acknowledged state, published before the reply, and
/// never while somebody works on the session: the first thing that every operation does is to revoke the local entry. They commit under the same
/// lock, where it is free, and ask the grain where it is not. An ended session's activation never writes a session again.
/// It is its own lock, because a silo holds a great many of them.
/// </remarks>
internal sealed class SessionInstance : AsyncLock
{
    private readonly SessionPersistence _persistence;
    private LocalSession? _published;

    public SessionInstance(ISessionActivation activation) =>
        _persistence = new SessionPersistence(new SessionLifetime(activation), new SessionRow(activation));

    public SessionLifetime Life => _persistence.Life;

    public SessionPersistence Persistence => _persistence;

    private SessionGrainServices Services => Life.Services;

    public async ValueTask<SessionReply> CreateAsync(CreateSession request)
    {
        using var releaser = await EnterAsync();
        return await SessionCreation.CreateAsync(this, request);
    }

    public async ValueTask<SessionReply> OpenAsync(VerifierHash verifier, OpenMode mode)
    {
        var touches = mode.Touches();
        using var releaser = await EnterAsync();
        if (await FindLiveAsync() is not { } live)
        {
            return SessionReply.Of(SessionOutcome.Gone);
        }

        var now = Services.Now;
        if (live.State.Verifier != verifier)
        {
            return Life.Stale(live, now);
        }

        if (touches)
        {
            if (now >= _persistence.Row.TouchIsDueFrom(live))
            {
                await _persistence.StoreAsync(live.State, live.AccessAt(now));
            }

            Life.Touch(live, now);
        }

        Publish(live);
        return live.Open(verifier);
    }

    public ValueTask<SessionReply> CommitAsync(CommitSession request) =>
        TryEnter() ? CommitLockedAsync(request) : CommitLaterAsync(request);

    /// <summary>Commits data on the thread of a local frontend, as the grain would; false where the grain has to be asked.</summary>
    public bool TryCommitLocally(CommitSession request, out ValueTask<SessionReply> reply)
    {
        reply = default;
        if (request.NewTerms is not null || request.NewVerifier is not null || request.Subject is not null || !TryEnter())
        {
            return false;
        }

        if (Life.IsLeaving || Life.Phase is not LiveSession || _published is not { } published)
        {
            Release();
            return false;
        }

        reply = CommitLockedAsync(request, published.ValidUntil);
        return true;
    }

    public async ValueTask<SessionReply> DestroyAsync(DestroySession request)
    {
        using var releaser = await EnterAsync();
        if (await FindLiveAsync() is not { } live)
        {
            return SessionReply.Of(SessionOutcome.Gone);
        }

        if (request.Verifier is { } verifier && live.State.Verifier != verifier)
        {
            return Life.Stale(live, Services.Now);
        }

        if (SessionRules.HasGivenUp(request.NotAfter, Services.Now))
        {
            return SessionReply.Of(SessionOutcome.Late);
        }

        await _persistence.EndAsync(live, request.Verifier is null ? SessionEndReason.Administrator : SessionEndReason.Destroyed);
        return SessionReply.Of(SessionOutcome.Destroyed);
    }

    /// <summary>The session, if it lives: it is loaded where that has not happened, and ended where it is due.</summary>
    /// <param name="checkBinding">Whether its subject is asked, once in an activation; not where it is the subject that calls.</param>
    public async ValueTask<LiveSession?> FindLiveAsync(bool checkBinding = true)
    {
        RevokeLocalEntry();
        Services.Fence.ThrowIfStale();
        var epoch = Services.Epoch.Current;
        if (Life.Phase is SessionPhase.InDoubt { Unsaved: not null } write)
        {
            await _persistence.ResolveInDoubtWriteAsync(write);
        }

        Life.ThrowIfInDoubt();
        if (Life.Phase is SessionPhase.Unread)
        {
            await _persistence.LoadAsync();
        }

        if (Life.Phase is LiveSession due && due.IsDue(Services.Now))
        {
            await _persistence.EndAsync(due, SessionEndReason.Expired);
        }

        if (Life.Phase is LiveSession old && old.State.Epoch < epoch)
        {
            await _persistence.EndAsync(old, SessionEndReason.Cluster);
        }

        if (checkBinding && Life.Phase is LiveSession { IsBindingChecked: false } bound)
        {
            await Services.Subjects.CheckAsync(this, bound);
        }

        return Life.Phase as LiveSession;
    }

    /// <summary>Stops the local reads and takes over their accesses.</summary>
    public void RevokeLocalEntry()
    {
        if (_published?.Invalidate() is { } access && Life.Phase is LiveSession live)
        {
            live.Touch(access);
        }
    }

    /// <summary>Stops the local reads for good.</summary>
    public void Unpublish()
    {
        RevokeLocalEntry();
        if (_published is { } published)
        {
            Services.Local.Remove(Life.Id, published);
            _published = null;
        }
    }

    /// <summary>Lets frontends of this process read the session until its next operation.</summary>
    public void Publish(LiveSession live, long? localValidUntil = null)
    {
        if (!Life.IsLeaving && Services.Local.HasReaders)
        {
            _published = Services.Local.Publish(Life.Id, this, live, _persistence.Row.TouchIsDueFrom(live), localValidUntil);
        }
    }

    private async ValueTask<SessionReply> CommitLaterAsync(CommitSession request)
    {
        await WaitAsync();
        return await CommitLockedAsync(request);
    }

    /// <summary>Commits and releases the lock.</summary>
    /// <param name="request">The commit.</param>
    /// <param name="localValidUntil">Where a local frontend makes it: when the grain wants to be asked again.</param>
    private async ValueTask<SessionReply> CommitLockedAsync(CommitSession request, long? localValidUntil = null)
    {
        using var releaser = new Releaser(this);
        if (await FindLiveAsync() is not { } live)
        {
            return SessionReply.Of(SessionOutcome.Gone);
        }

        var services = Services;
        services.Options.ThrowIfNotAllowed(request.NewTerms);
        var now = services.Now;
        var access = request.Touch ? live.AccessAt(request.AccessedAt < now ? request.AccessedAt.Value : now) : live.LastAccess;
        var before = live.State;
        var decision = SessionRules.Commit(
            before, request, access, now, services.Options.Limits, services.Options.OperationWindow);
        if (decision.Reply.Outcome == SessionOutcome.Stale)
        {
            return Life.Stale(live, now);
        }

        if (decision.Reply.Outcome == SessionOutcome.Late)
        {
            // What arrives after its time is no access either.
            return decision.Reply;
        }

        if (request.Subject is not null && decision is { Reply.Outcome: SessionOutcome.Committed, Next: not null })
        {
            decision = await services.Subjects.BindAsync(this, live, decision, request, access);
            if (decision.Next is null)
            {
                return decision.Reply;
            }
        }

        var next = decision.Next ?? before;
        var touchIsDue = access >= _persistence.Row.TouchIsDueFrom(live);
        if (decision is { MustStore: true, Next: not null })
        {
            await _persistence.SaveAsync(live, next, access, atOnce: touchIsDue || request.NewVerifier is not null || request.Subject is not null).ConfigureAwait(false);
        }
        else if (touchIsDue)
        {
            await _persistence.StoreAsync(next, access).ConfigureAwait(false);
        }

        live.Apply(next);
        if (next.Epoch < services.Epoch.Value)
        {
            // All sessions were ended while this commit waited for its storage.
            await _persistence.EndAsync(live, SessionEndReason.Cluster);
            return SessionReply.Of(SessionOutcome.Gone);
        }

        if (!ReferenceEquals(before.Binding, next.Binding))
        {
            services.Subjects.OnBindingChanged(Life.Id, before.Binding, live);
        }

        if (request.NewTerms is not null)
        {
            Life.DisarmExpiry();
        }

        Life.Touch(live, access);
        Life.TellChanges(before, live);
        Publish(live, localValidUntil);
        return decision.Reply;
    }
}
