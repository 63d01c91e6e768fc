using Orleans.Concurrency;
using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>
/// Keeps the list of one subject's sessions. Calls interleave, because sessions call it while it waits for sessions; the list puts its writes in order, and no
/// session is called while it is locked.
/// </summary>
[GrainType(TypeName), Reentrant]
internal sealed class SubjectGrain(IGrainContext context, SubjectServices services) : IGrainBase, ISubjectGrain
{
    public const string TypeName = "session-subject";

    /// <summary>The most sessions that are asked at once, and by one look of the clean-up or step of an end.</summary>
    private const int Batch = 32;

    /// <summary>The most sessions that one sign-in on a full list asks whether they live; the next sign-in goes on behind them.</summary>
    private const int MostAsked = 256;

    private const int LongestPage = 200;

    /// <summary>For how long one call ends sessions; then its caller asks again.</summary>
    private static readonly TimeSpan CallTime = TimeSpan.FromSeconds(1);

    private readonly SubjectPeers _peers = new(services.Grains, SubjectKey.FromGrainKey(context.GrainId.GetGuidKey()));
    private readonly Dictionary<SessionId, long> _adding = [];
    private SubjectSessions _list = services.NewList(context.GrainId);
    private long _adds;
    private long _askedThrough;

    public static GrainType Type { get; } = GrainType.Create(TypeName);

    public IGrainContext GrainContext => context;

    private SubjectKey Key => SubjectKey.FromGrainKey(context.GrainId.GetGuidKey());

    public async ValueTask<ListSessionReply> AddAsync(ListSession request)
    {
        // A call outlives its caller, who may have listed the session with another one since: the newest one counts.
        var call = _adding[request.Session] = ++_adds;
        try
        {
            return await AddAsync(request, call);
        }
        finally
        {
            if (_adding.GetValueOrDefault(request.Session) == call)
            {
                _adding.Remove(request.Session);
            }
        }
    }

    private async ValueTask<ListSessionReply> AddAsync(ListSession request, long call)
    {
        int? toAsk = null;
        var isTold = false;
        for (; ; )
        {
            if (_adding.GetValueOrDefault(request.Session) != call)
            {
                throw new SessionUnavailableException("A later call lists the session; this one did nothing.");
            }

            var list = List;
            var addition = await list.AddAsync(request);
            switch (addition.Outcome)
            {
                case SubjectAdditionOutcome.Listed:
                    return new ListSessionReply(addition.Number);
                case SubjectAdditionOutcome.Ended:
                    return new ListSessionReply(-1);
                case SubjectAdditionOutcome.Late:
                    throw new SessionUnavailableException("The session was to be listed too late: its caller had given up, so this message did nothing.");
                default:
                    break;
            }

            // First those that are gone without having said so, then the oldest where that is the policy.
            toAsk ??= Math.Min(MostAsked, addition.Total);
            if (toAsk > 0)
            {
                toAsk -= await AskNextAsync(list, Math.Min(Batch, toAsk.Value), request.Session);
                continue;
            }

            var change = request.Change;
            if (!isTold)
            {
                isTold = true;
                services.Observers.SubjectLimitReached(request.Session, Key, change.WhenFull);
            }

            if (change.WhenFull == SubjectLimitPolicy.RejectNewest)
            {
                return default;
            }

            var tooMany = addition.Total - change.MaximumSessions + 1;
            var oldest = await list.OldestAsync(Math.Min(Batch, tooMany), after: 0);
            if (oldest.Where(entry => entry.Session == request.Session).ToArray() is { Length: > 0 } stale)
            {
                await RemoveGoneAsync(list, stale, request.Session);
                continue;
            }

            var ended = await EndAsync(list, oldest, SubjectEndCause.Limit);
            if (ended.Failed > 0)
            {
                throw new SessionUnavailableException("The user has as many sessions as allowed, and the oldest one cannot be ended now. Repeat it.");
            }
        }
    }

    /// <summary>Asks the sessions behind those that were asked last whether they live, and drops the entries of those that are gone.</summary>
    /// <returns>How many of the list are done with.</returns>
    private async Task<int> AskNextAsync(SubjectSessions list, int count, SessionId unbound)
    {
        var entries = await list.OldestAsync(count, _askedThrough);
        if (entries.Count < count)
        {
            // The end of the list: the rest stands at its beginning.
            _askedThrough = 0;
            entries = entries.Count > 0 ? entries : await list.OldestAsync(count, after: 0);
        }

        if (entries.Count > 0)
        {
            _askedThrough = entries.Count < count ? 0 : entries[^1].Number;
            await RemoveGoneAsync(list, entries, unbound);
        }

        return Math.Max(1, entries.Count);
    }

    public async ValueTask RemoveAsync(SessionId session, long number) => await List.RemoveAsync([new SubjectBindingOf(session, number)]);

    public async ValueTask<bool> HasAsync(SessionId session, long number) => await List.HasAsync(session, number);

    public async ValueTask<SubjectSessionPage> ListAsync(long? before, int count)
    {
        var list = List;
        var (entries, next) = await list.PageAsync(before ?? long.MaxValue, Math.Clamp(count, 1, LongestPage));
        var looks = await _peers.LookAsync(entries);
        var sessions = new List<SubjectSession>(entries.Count);
        List<SubjectBindingOf> gone = [];
        for (var index = 0; index < entries.Count; index++)
        {
            var entry = entries[index];
            if (looks[index].IsGone)
            {
                gone.Add(new SubjectBindingOf(entry.Session, entry.Number));
            }
            else if (!looks[index].HasFailed || entry.ExpiresAt > services.Now)
            {
                sessions.Add(new SubjectSession
                {
                    Id = entry.Session,
                    CreatedAt = entry.CreatedAt,
                    BoundAt = entry.BoundAt,
                    LastSeenAt = entry.LastSeenAt,
                    ExpiresAt = entry.ExpiresAt,
                    Label = entry.Label,
                });
            }
        }

        if (gone.Count > 0)
        {
            await list.RemoveAsync(gone);
        }

        return new SubjectSessionPage { Sessions = sessions, Next = next, Count = await list.CountAsync() };
    }

    public async ValueTask<bool> EndOneAsync(SessionId session)
    {
        var list = List;
        var ended = await _peers.EndAsync(session, long.MaxValue, SubjectEndCause.List);
        if (ended.HasFailed)
        {
            throw new SessionUnavailableException("The session cannot be reached now; whether it ended is unknown. Repeat it.");
        }

        if (ended.Number == 0)
        {
            return false;
        }

        await list.RemoveAsync([new SubjectBindingOf(session, ended.Number)]);
        return true;
    }

    public async ValueTask<EndSubjectSessionsReply> EndAsync(EndSubjectSessions request)
    {
        var list = List;
        var began = services.Clock.Monotonic.GetTimestamp();
        if (request.NotAfter < services.Now)
        {
            throw new SessionUnavailableException("The end of the user's sessions was asked for too long ago; nothing was ended by this message.");
        }

        if (request.Through is not { } through)
        {
            var kept = 0L;
            if (request.Keep is { } keep)
            {
                var look = await _peers.LookAsync(keep);
                kept = look.HasFailed ? throw new SessionUnavailableException("The session that stays cannot be reached now, so no session was ended. Repeat it.") : look.Number;
            }

            through = await list.EndThroughAsync(kept);
        }

        // Sessions that cannot be reached do not stand in the way of those that can.
        var reply = new EndSubjectSessionsReply { Through = through };
        var after = 0L;
        while (services.Clock.Monotonic.GetElapsedTime(began) < CallTime)
        {
            var entries = await list.EndedAsync(Batch, after);
            if (entries.Count == 0)
            {
                if (reply.Failed > 0)
                {
                    break;
                }

                await list.FinishAsync();
                return reply;
            }

            after = entries.Max(static entry => entry.Number);
            var (ended, failed) = await EndAsync(list, entries, SubjectEndCause.List);
            reply = reply with { Ended = reply.Ended + ended, Failed = reply.Failed + failed };
        }

        return reply with { HasMore = true };
    }

    public async ValueTask<ExpiryReply> PruneAsync()
    {
        var list = List;
        var due = await list.DueAsync(services.Now, Batch);
        await RemoveGoneAsync(list, due);
        return await list.FinishAsync();
    }

    /// <summary>The list, read again after a call that failed. Whoever works with one goes on with the same.</summary>
    private SubjectSessions List
    {
        get
        {
            services.Fence.ThrowIfStale();
            if (_list.HasFailed)
            {
                _list = services.NewList(context.GrainId);
            }

            return _list;
        }
    }

    /// <summary>Asks sessions, ends those that were ended and do not know it, and drops the entries of those that are gone.</summary>
    /// <param name="list">The list.</param>
    /// <param name="entries">The entries of the sessions.</param>
    /// <param name="unbound">A session that waits for this call, so it cannot be asked; it is bound under none of the entries.</param>
    /// <returns>How many entries were dropped.</returns>
    private async Task<int> RemoveGoneAsync(SubjectSessions list, IReadOnlyList<SubjectEntry> entries, SessionId unbound = default)
    {
        var stale = entries.Where(entry => entry.Session == unbound).Select(static entry => new SubjectBindingOf(entry.Session, entry.Number)).ToArray();
        if (stale.Length > 0)
        {
            await list.RemoveAsync(stale);
            entries = [.. entries.Where(entry => entry.Session != unbound)];
        }

        var decided = entries.Where(list.IsEnded).ToArray();
        var (dropped, _) = decided.Length > 0 ? await EndAsync(list, decided, SubjectEndCause.List) : default;
        var others = entries.Where(entry => !list.IsEnded(entry)).ToArray();
        var looks = await _peers.LookAsync(others);
        var gone = others.Where((_, index) => looks[index].IsGone).Select(static entry => new SubjectBindingOf(entry.Session, entry.Number)).ToArray();
        if (gone.Length > 0)
        {
            await list.RemoveAsync(gone);
        }

        return stale.Length + dropped + gone.Length;
    }

    /// <summary>Ends sessions and drops the entries of those that confirmed it.</summary>
    private async Task<(int Ended, int Failed)> EndAsync(SubjectSessions list, IReadOnlyList<SubjectEntry> entries, SubjectEndCause cause)
    {
        var replies = await _peers.EndAsync(entries, cause);
        var confirmed = entries.Where((_, index) => !replies[index].HasFailed).Select(static entry => new SubjectBindingOf(entry.Session, entry.Number)).ToArray();
        if (confirmed.Length > 0)
        {
            await list.RemoveAsync(confirmed);
        }

        return (confirmed.Length, entries.Count - confirmed.Length);
    }
}
