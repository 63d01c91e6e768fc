using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace ServerSession.AspNetCore;

/// <summary>
/// Sessions that this frontend has read, for endpoints that declare how old an answer may be. The session grain tells of changes and ends, which
/// makes answers fresher than declared; where it cannot, the bound holds by time: what was confirmed by a call that began longer ago is not served.
/// </summary>
internal sealed class NearCache : ISessionNoticeListener, IDisposable
{
    /// <summary>Nearer to its deadline than this part of its idle timeout, or this time, a session is asked, so that it hears of its accesses in time.</summary>
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(10);

    /// <summary>And not later than this, which is longer than the session waits to hear of an access.</summary>
    private static readonly TimeSpan LeastEnd = TimeSpan.FromSeconds(4);

    private readonly ConcurrentDictionary<SessionId, NearEntry> _entries = new();
    private readonly ConcurrentQueue<NearEntry> _order = new();
    private readonly ClusterWatch _cluster;
    private readonly NearTouches _touches;
    private readonly NearCacheMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly int _most;
    private long _askedForAllAt = long.MinValue;

    public NearCache(ClusterWatch cluster, IGrainFactory grains, ClusterCalls calls, IOptions<ServerSessionOptions> options, NearCacheMetrics metrics, TimeProvider time)
    {
        _cluster = cluster;
        _metrics = metrics;
        _time = time;
        _most = options.Value.NearCache.Entries;
        _touches = new NearTouches(grains, calls, time);
        cluster.Add(this);
        metrics.Cache = this;
    }

    /// <summary>How many sessions are kept.</summary>
    public int Count => _entries.Count;

    /// <summary>How much data they have; counted at each call.</summary>
    public long Bytes
    {
        get
        {
            var bytes = 0L;
            foreach (var (_, entry) in _entries)
            {
                bytes += entry.State?.Snapshot.Data.TotalBytes ?? 0;
            }

            return bytes;
        }
    }

    /// <summary>Opens a session: from here where it was confirmed recently enough, else at its grain, which sends only what this frontend does not have.</summary>
    public ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, TimeSpan maxStaleness, CancellationToken cancellationToken)
    {
        if (_entries.TryGetValue(id, out var entry) && entry.State is { } state && IsFresh(state, verifier, maxStaleness))
        {
            if (mode != OpenMode.Peek)
            {
                entry.Access(state, _time.GetUtcNow());
                _touches.Add(entry);
            }

            _metrics.Read(NearRead.Hit);
            return new(new SessionReply { Outcome = SessionOutcome.Opened, Snapshot = state.Snapshot, ExpiresAt = state.ExpiresAt, IsBound = state.IsBound });
        }

        return AskAsync(entry ?? Add(id), verifier, mode, cancellationToken);
    }

    /// <summary>After a change that this frontend made, or may have made: its next read asks the session.</summary>
    public ValueTask<T> AfterChangeAsync<T>(SessionId id, ValueTask<T> change)
    {
        if (!change.IsCompletedSuccessfully)
        {
            return AwaitChangeAsync(id, change);
        }

        Drop(id);
        return change;
    }

    /// <summary>After this frontend ended sessions that it cannot name, or may have: the next read of every session asks it.</summary>
    public void AskForAll() => Volatile.Write(ref _askedForAllAt, _time.GetTimestamp());

    public bool OnNotice(in SessionNotice notice)
    {
        if (notice.Kind == SessionNoticeKind.Ended)
        {
            // The entry stays until there are too many, so that the queue never holds more of them than the table; its data goes now.
            return _entries.TryGetValue(notice.Id, out var ended) && ended.End();
        }

        // What was dropped is not watched any more: the next read registers again.
        Drop(notice.Id);
        return false;
    }

    public void OnSilent(Guid link)
    {
        // The bound of time needs no notices.
    }

    public void Dispose() => _touches.Dispose();

    private async ValueTask<T> AwaitChangeAsync<T>(SessionId id, ValueTask<T> change)
    {
        try
        {
            return await change.ConfigureAwait(false);
        }
        finally
        {
            Drop(id);
        }
    }

    private void Drop(SessionId id)
    {
        if (_entries.TryGetValue(id, out var entry))
        {
            entry.Drop();
        }
    }

    private bool IsFresh(NearState state, VerifierHash verifier, TimeSpan maxStaleness)
    {
        var half = state.Snapshot.Terms.IdleTimeout / 2;
        var end = half > LongestEnd ? LongestEnd : half < LeastEnd ? LeastEnd : half;
        return state.Verifier == verifier && state.ConfirmedAt > Volatile.Read(ref _askedForAllAt)
            && _time.GetElapsedTime(state.ConfirmedAt) < maxStaleness && state.ExpiresAt - _time.GetUtcNow() > end;
    }

    private async ValueTask<SessionReply> AskAsync(NearEntry entry, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken)
    {
        var changes = entry.Changes;
        var known = entry.State is { } state && state.Verifier == verifier ? state : null;
        var now = _time.GetUtcNow();
        var began = _time.GetTimestamp();
        var reply = await _cluster.OpenAsync(entry.Id, verifier, mode, known?.Stamp ?? 0, cancellationToken).ConfigureAwait(false);
        var session = reply.Session;
        _metrics.Read(session is { Outcome: SessionOutcome.Opened, Snapshot: null } ? NearRead.Unchanged : NearRead.Miss);
        if (session.Outcome != SessionOutcome.Opened)
        {
            if (session.Outcome == SessionOutcome.Gone)
            {
                entry.End();
            }
            else if (known is not null)
            {
                entry.Drop();
            }

            return session;
        }

        if (mode != OpenMode.Peek)
        {
            entry.Told(now);
        }

        // Without a snapshot the one that this frontend has is the present one.
        session = session.Snapshot is null ? session with { Snapshot = known!.Snapshot } : session;
        entry.Keep(new NearState(verifier, session.Snapshot!, reply.Stamp, began, session.ExpiresAt, session.IsBound), changes);
        return session;
    }

    private NearEntry Add(SessionId id)
    {
        var entry = new NearEntry(id);
        if (_most == 0)
        {
            return entry;
        }

        var present = _entries.GetOrAdd(id, entry);
        if (ReferenceEquals(present, entry))
        {
            _order.Enqueue(entry);
            MakeRoom();
        }

        return present;
    }

    /// <summary>Drops the entries that were not read since the queue was last searched, oldest first.</summary>
    private void MakeRoom()
    {
        for (var looks = 2 * _most; _entries.Count > _most && looks > 0 && _order.TryDequeue(out var oldest); looks--)
        {
            if (_entries.TryGetValue(oldest.Id, out var present) && ReferenceEquals(present, oldest))
            {
                if (oldest.WasRead)
                {
                    oldest.WasRead = false;
                    _order.Enqueue(oldest);
                }
                else if (_entries.TryRemove(new(oldest.Id, oldest)))
                {
                    _metrics.Evicted();
                }
            }
        }
    }
}
