using Orleans.Placement;
using Orleans.Runtime;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>
/// The grain of one session: the shell that Orleans calls, over a <see cref="SessionInstance"/>. What the session asks of its activation goes through
/// <see cref="ISessionActivation"/>.
/// </summary>
/// <remarks>
/// Orleans' own balancing leaves sessions where they are. It sees no frontend that it could bring them nearer to, and a move back to a silo
/// that a session was on before can lose a volatile one: a request with an outdated address may just have made an empty activation there, and
/// Orleans drops what arrives for a grain that it has already.
/// </remarks>
[GrainType("session")]
[NeedsSessionSilo]
[Immovable]
internal sealed class SessionGrain : IGrainBase, ISessionGrain, IBoundSessionGrain, IGrainMigrationParticipant, ISessionActivation, IDisposable
{
    private const string MigrationKey = "session";

    private readonly SessionGrainServices _services;
    private readonly SessionInstance _session;

    public SessionGrain(IGrainContext context, SessionGrainServices services)
    {
        GrainContext = context;
        _services = services;
        _session = new SessionInstance(this);
    }

    public IGrainContext GrainContext { get; }

    GrainId ISessionActivation.GrainId => GrainContext.GrainId;

    SessionGrainServices ISessionActivation.Services => _services;

    public ValueTask<SessionReply> CreateAsync(CreateSession request) => _session.CreateAsync(request);

    public ValueTask<SessionReply> OpenAsync(VerifierHash verifier, OpenMode mode) => _session.OpenAsync(verifier, mode);

    public ValueTask<WatchReply> WatchAsync(WatchSession request) => SessionWatching.WatchAsync(GrainContext, _session, request);

    public ValueTask<SessionReply> CommitAsync(CommitSession request) => _session.CommitAsync(request);

    public ValueTask<SessionReply> DestroyAsync(DestroySession request) => _session.DestroyAsync(request);

    public ValueTask<BoundSessionReply> LookAsync(SubjectKey subject) => SubjectBinder.LookAsync(_session, subject);

    public ValueTask<BoundSessionReply> EndBoundAsync(SubjectKey subject, long through, SubjectEndCause cause) =>
        SubjectBinder.EndBoundAsync(_session, subject, through, cause);

    public ValueTask<ExpiryReply> ExpireIfDueAsync() => _services.Upkeep.ExpireIfDueAsync(_session);

    public async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        var unstored = await _services.Upkeep.DeactivateAsync(_session);
        if (unstored is not null && reason.ReasonCode == DeactivationReasonCode.ShuttingDown
            && _services.Handover.MayMove(losesSession: unstored is LiveSession))
        {
            GrainContext.Migrate(null, cancellationToken);
        }
    }

    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        if (_services.Upkeep.Dehydrate(_session) is { } bytes)
        {
            dehydrationContext.TryAddValue(MigrationKey, bytes);
        }
    }

    public void OnRehydrate(IRehydrationContext rehydrationContext)
    {
        if (rehydrationContext.TryGetValue<byte[]>(MigrationKey, out var bytes))
        {
            SessionUpkeep.Rehydrate(_session, bytes!);
        }
    }

    /// <summary>The end also of an activation that never became valid, which hears of no deactivation.</summary>
    public void Dispose() => _session.Life.Leave();

    void ISessionActivation.DelayDeactivation(TimeSpan time) => _services.Runtime.DelayDeactivation(GrainContext, time);

    void ISessionActivation.DeactivateWhenIdle() => this.DeactivateOnIdle();

    void ISessionActivation.DeactivateInDoubt() =>
        GrainContext.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, "A storage write is in doubt."));

    IDisposable ISessionActivation.StartFlushTimer(TimeSpan due) => _services.Timers.RegisterGrainTimer(
        GrainContext,
        static (grain, _) => grain._services.Upkeep.FlushAsync(grain._session),
        this,
        new GrainTimerCreationOptions(due, Timeout.InfiniteTimeSpan));

    /// <summary>From the wheel: not in a turn of this activation, which may be gone. So nothing of it is read but its id.</summary>
    Task IExpiring.ExpireIfDueAsync() => _services.Grains.GetGrain<ISessionGrain>(GrainContext.GrainId.GetGuidKey()).ExpireIfDueAsync().AsTask();
}
