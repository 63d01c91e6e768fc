using Orleans.Runtime;
using ServerSession.Core;

namespace ServerSession.AspNetCore;

/// <summary>
/// Sessions in an Orleans cluster. A call times out after the time its grain interface names; it is repeated, as the same operation, until its
/// caller gives up: after <see cref="ServerSessionOptions.RetryBudget"/>, or at the request's own time. Creates are not repeated here: their
/// caller takes a fresh id. Sessions that grains of a silo in the same process have published are opened and committed to without a call.
/// </summary>
internal sealed class GrainSessionStore(IGrainFactory grains, ClusterCalls calls, ILocalSessions? local = null, NearCache? near = null) : IServerSessionStore
{
    /// <summary>A commit is made locally or sent; either ends by itself.</summary>
    private readonly TimeSpan _longestCommit = local is not null && local.LongestCommit > ClusterCalls.LongestGrainCall
        ? local.LongestCommit
        : ClusterCalls.LongestGrainCall;

    private GrainReference? _known;

    public ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken) =>
        local is not null && local.TryOpen(id, verifier, mode, out var reply)
            ? new(reply)
            : calls.RunAsync(
                (Store: this, id, verifier, mode),
                static call => call.Store.Grain(call.id).OpenAsync(call.verifier, call.mode),
                CallKind.Read, giveUpAt: null, ClusterCalls.LongestGrainCall, cancellationToken);

    /// <summary>Opens a session that may be so old.</summary>
    public ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, TimeSpan maxStaleness, CancellationToken cancellationToken) =>
        near is null ? OpenAsync(id, verifier, mode, cancellationToken)
            : local is not null && local.TryOpen(id, verifier, mode, out var reply) ? new(reply)
            : near.OpenAsync(id, verifier, mode, maxStaleness, cancellationToken);

    public ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken)
    {
        if (request.NotAfter is null)
        {
            request = request with { NotAfter = calls.GiveUpAt() };
        }

        return calls.RunAsync(
            (Store: this, id, request),
            static call => call.Store.Grain(call.id).CreateAsync(call.request),
            CallKind.Create, request.NotAfter, ClusterCalls.LongestGrainCall, cancellationToken);
    }

    public ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken)
    {
        if (request.NotAfter is null)
        {
            request = request with { NotAfter = calls.GiveUpAt() };
        }

        var commit = calls.RunAsync(
            (Store: this, id, request),
            static call => call.Store.CommitOnceAsync(call.id, call.request),
            CallKind.Change, request.NotAfter, _longestCommit, cancellationToken);
        return near is null ? commit : near.AfterChangeAsync(id, commit);
    }

    public ValueTask<SessionReply> DestroyAsync(SessionId id, DestroySession request, CancellationToken cancellationToken) =>
        near is null ? DestroyOnceAsync(id, request, cancellationToken) : near.AfterChangeAsync(id, DestroyOnceAsync(id, request, cancellationToken));

    private async ValueTask<SessionReply> DestroyOnceAsync(SessionId id, DestroySession request, CancellationToken cancellationToken)
    {
        if (request.NotAfter is null)
        {
            request = request with { NotAfter = calls.GiveUpAt() };
        }

        var attempts = new Attempts();
        var reply = await calls.RunAsync(
            (Store: this, id, request, attempts),
            static call =>
            {
                var grain = call.Store.Grain(call.id);
                call.attempts.Count++;
                return grain.DestroyAsync(call.request);
            },
            CallKind.Change, request.NotAfter, ClusterCalls.LongestGrainCall, cancellationToken).ConfigureAwait(false);

        // The reply of an earlier attempt was lost: it may well have been this destroy that ended the session.
        return reply.Outcome == SessionOutcome.Gone && attempts.Count > 1 ? reply with { Outcome = SessionOutcome.Destroyed } : reply;
    }

    private ValueTask<SessionReply> CommitOnceAsync(SessionId id, CommitSession request) =>
        local is not null && local.TryCommit(id, request, out var reply) ? reply : Grain(id).CommitAsync(request);

    /// <summary>
    /// Orleans finds the grain behind an interface by reflection, in each call again. The answer for the first session
    /// holds for all of them. Asked for in each attempt, because a frontend that is not connected yet refuses it.
    /// </summary>
    private ISessionGrain Grain(SessionId id)
    {
        var key = id.ToGrainKey();
        if (_known is { } known)
        {
            return (ISessionGrain)grains.GetGrain(GrainId.Create(known.GrainId.Type, GrainIdKeyExtensions.CreateGuidKey(key)), known.InterfaceType);
        }

        var grain = grains.GetGrain<ISessionGrain>(key);
        _known = grain as GrainReference;
        return grain;
    }

    private sealed class Attempts
    {
        public int Count { get; set; }
    }
}
