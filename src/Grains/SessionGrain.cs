#pragma warning disable ORLEANS0014 // The storage answers in the turn that asked: see SessionGrain.Storage.cs.
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Storage;
using ServerSession.Core;
using ServerSession.Events;
using ServerSession.Storage;
using ServerSession.Timers;

namespace ServerSession;

/// <summary>
/// The session grain: a thin shell that takes the rules' decisions, stores the new state, and only then swaps it in and answers.
/// </summary>
/// <remarks>
/// Operations run one after the other, under the session's lock. After a storage write that failed or timed out, the activation does not know what is stored: it serves
/// nothing more and deactivates, and a fresh one reads what there is. Only where it has acknowledged changes that no row holds does it stay,
/// and store them before it serves again. An ended session's activation never writes a session again.
/// <para>
/// Orleans' own balancing leaves sessions where they are. It sees no frontend that it could bring them nearer to, and a move back to a silo
/// that a session was on before can lose a volatile one: a request with an outdated address may just have made an empty activation there, and
/// Orleans drops what arrives for a grain that it has already.
/// </para>
/// </remarks>
[GrainType("session")]
[NeedsSessionSilo]
[Immovable]
internal sealed partial class SessionGrain(IGrainContext context, SessionGrainServices services) : IGrainBase, ISessionGrain, IGrainMigrationParticipant, IExpiring, IDisposable
{
    private SessionState? _state;
    private string? _etag;
    private DateTimeOffset _lastAccess;
    private Phase _phase;

    private enum Phase : byte
    {
        /// <summary>Nothing is known of the session yet.</summary>
        Unread,

        /// <summary>There is no row: the session is gone, or a create is on its way.</summary>
        Absent,

        /// <summary>The session lives, and <c>_state</c> is it.</summary>
        Live,

        /// <summary>The session ended in this activation, or left a tombstone.</summary>
        Ended,

        /// <summary>A write is in doubt.</summary>
        InDoubt,
    }

    public IGrainContext GrainContext => context;

    private SessionId Id => SessionId.FromGrainKey(context.GrainId.GetGuidKey());

    public async ValueTask<SessionReply> CreateAsync(CreateSession request)
    {
        using var releaser = await _lock.EnterAsync();
        services.Fence.ThrowIfStale();
        ThrowIfInDoubt();
        if (_phase is Phase.Live or Phase.Ended)
        {
            return SessionReply.Of(SessionOutcome.Gone);
        }

        ThrowIfNotAllowed(request.Terms);
        var now = services.Now;
        var decision = SessionRules.Create(request, now, services.Options.Limits, services.Options.OperationWindow);
        if (decision.Next is not { } state)
        {
            this.DeactivateOnIdle();
            return decision.Reply;
        }

        if (request.Terms.Durability == SessionDurability.Volatile)
        {
            if (_phase == Phase.Unread && await RowExistsAsync())
            {
                return SessionReply.Of(SessionOutcome.Gone);
            }

            if (SessionRules.HasGivenUp(request.NotAfter, services.Now))
            {
                this.DeactivateOnIdle();
                return SessionReply.Of(SessionOutcome.Late);
            }
        }
        else
        {
            if (!request.IsIdRegistered)
            {
                await RegisterAsync();
            }

            try
            {
                await WriteAsync(state, now);
            }
            catch (InconsistentStateException)
            {
                DeactivateInDoubt();
                return SessionReply.Of(SessionOutcome.Gone);
            }
            catch
            {
                DeactivateInDoubt();
                throw;
            }
        }

        services.Observers.Created(new ObservedSession(Id, state, now));
        SetLive(state, now);
        return decision.Reply;
    }

    public ValueTask<SessionReply> OpenAsync(VerifierHash verifier, OpenMode mode)
    {
        if (_lock.TryEnter())
        {
            using var releaser = new AsyncLock.Releaser(_lock);
            if (TryOpenAtOnce(verifier, mode) is { } reply)
            {
                return new(reply);
            }
        }

        return OpenSlowlyAsync(verifier, mode);
    }

    public ValueTask<SessionReply> CommitAsync(CommitSession request) =>
        _lock.TryEnter() ? CommitLockedAsync(request) : CommitLaterAsync(request);

    public async ValueTask<SessionReply> DestroyAsync(DestroySession request)
    {
        using var releaser = await _lock.EnterAsync();
        if (!await IsLiveAsync() || _state is not { } state)
        {
            return SessionReply.Of(SessionOutcome.Gone);
        }

        if (request.Verifier is { } verifier && state.Verifier != verifier)
        {
            return Stale(state, services.Now);
        }

        if (SessionRules.HasGivenUp(request.NotAfter, services.Now))
        {
            return SessionReply.Of(SessionOutcome.Late);
        }

        await EndAsync(request.Verifier is null ? SessionEndReason.Administrator : SessionEndReason.Destroyed);
        return SessionReply.Of(SessionOutcome.Destroyed);
    }

    private async ValueTask<SessionReply> CommitLaterAsync(CommitSession request)
    {
        await _lock.WaitAsync();
        return await CommitLockedAsync(request);
    }

    /// <summary>Commits and releases the lock.</summary>
    /// <param name="request">The commit.</param>
    /// <param name="localValidUntil">Where a local frontend makes it: when the grain wants to be asked again.</param>
    private async ValueTask<SessionReply> CommitLockedAsync(CommitSession request, long? localValidUntil = null)
    {
        using var releaser = new AsyncLock.Releaser(_lock);
        if (!await IsLiveAsync() || _state is not { } state)
        {
            return SessionReply.Of(SessionOutcome.Gone);
        }

        ThrowIfNotAllowed(request.NewTerms);
        var now = services.Now;
        var access = request.Touch ? Max(_lastAccess, now) : _lastAccess;
        var decision = SessionRules.Commit(state, request, access, now, services.Options.Limits, services.Options.OperationWindow, isLocal: localValidUntil is not null);
        if (decision.Reply.Outcome == SessionOutcome.Stale)
        {
            return Stale(state, now);
        }

        if (decision.Reply.Outcome == SessionOutcome.Late)
        {
            // What arrives after its time is no access either.
            return decision.Reply;
        }

        if (decision is { MustStore: true, Next: { } next })
        {
            await StoreAsDurabilityAsksAsync(state, next, access, TouchIsDue(access) || request.NewVerifier is not null).ConfigureAwait(false);
        }
        else if (TouchIsDue(access))
        {
            await StoreOwnedAsync(decision.Next ?? state, access).ConfigureAwait(false);
        }

        _state = decision.Next ?? state;
        if (request.NewTerms is not null)
        {
            DisarmExpiry();
        }

        Touch(access);
        TellChanges(state, _state);
        Publish(localValidUntil);
        return decision.Reply;
    }

    /// <summary>Opens a session that is known and needs no write; null for every other.</summary>
    private SessionReply? TryOpenAtOnce(VerifierHash verifier, OpenMode mode)
    {
        if (_phase != Phase.Live || _state is not { } state)
        {
            return null;
        }

        RevokeLocalEntry();
        services.Fence.ThrowIfStale();
        var now = services.Now;
        if (now >= state.Deadline(_lastAccess) || state.Verifier != verifier || (mode != OpenMode.Peek && TouchIsDue(now)))
        {
            return null;
        }

        if (mode != OpenMode.Peek)
        {
            Touch(now);
        }

        Publish();
        return SessionRules.Open(state, verifier, _lastAccess);
    }

    private async ValueTask<SessionReply> OpenSlowlyAsync(VerifierHash verifier, OpenMode mode)
    {
        using var releaser = await _lock.EnterAsync();
        if (!await IsLiveAsync() || _state is not { } state)
        {
            return SessionReply.Of(SessionOutcome.Gone);
        }

        var now = services.Now;
        if (state.Verifier != verifier)
        {
            return Stale(state, now);
        }

        if (mode != OpenMode.Peek)
        {
            if (TouchIsDue(now))
            {
                await StoreOwnedAsync(state, Max(_lastAccess, now));
            }

            Touch(now);
        }

        Publish();
        return SessionRules.Open(state, verifier, _lastAccess);
    }

    /// <summary>Loads the session where that has not happened, ends it where it is due, and reports whether it lives.</summary>
    private async ValueTask<bool> IsLiveAsync()
    {
        RevokeLocalEntry();
        services.Fence.ThrowIfStale();
        if (_inDoubtWrite is { } inDoubtWrite)
        {
            await ResolveInDoubtWriteAsync(inDoubtWrite);
        }

        ThrowIfInDoubt();
        if (_phase == Phase.Unread)
        {
            await LoadAsync();
        }

        if (_phase == Phase.Live && services.Now >= _state!.Deadline(_lastAccess))
        {
            await EndAsync(SessionEndReason.Expired);
        }

        return _phase == Phase.Live;
    }

    private void ThrowIfInDoubt()
    {
        if (_phase == Phase.InDoubt)
        {
            throw new SessionUnavailableException("A storage write of the session is in doubt; it is loaded again.");
        }
    }

    private void ThrowIfNotAllowed(SessionTerms? terms)
    {
        if (terms is { Durability: SessionDurability.Volatile } && !services.Options.AllowVolatile)
        {
            throw new ArgumentException("Volatile sessions are not allowed on these silos. Set ServerSession:AllowVolatile on the silos, or use another durability.", nameof(terms));
        }
    }

    private SessionReply Stale(SessionState state, DateTimeOffset now)
    {
        var suspicious = now - state.RotatedAt > services.Options.RotationGrace;
        services.Observers.StaleToken(Id, suspicious);
        if (suspicious)
        {
            LogStaleToken(services.Logger, Id);
        }

        return new SessionReply { Outcome = SessionOutcome.Stale, GraceIsOver = suspicious };
    }

    private static DateTimeOffset Max(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
