using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.AspNetCore;

/// <summary>
/// Tells requests of this process that the session they watch has ended, wherever it did. A session is watched only while somebody holds its
/// <see cref="IServerSession.Ended"/>, so nothing is left behind.
/// </summary>
internal sealed class SessionEndings : ISessionNoticeListener, IDisposable
{
    /// <summary>How many sessions are asked for again at a time: a silo that dies may have watched very many.</summary>
    private const int AsksAtOnce = 128;

    private readonly Lock _lock = new();
    private readonly Dictionary<SessionId, SessionWatch> _watches = [];
    private readonly SemaphoreSlim _asks = new(AsksAtOnce);
    private readonly IServerSessionStore _store;
    private readonly ClusterWatch? _cluster;
    private readonly TimeProvider _time;
    private volatile int _count;

    /// <param name="store">Where the sessions are.</param>
    /// <param name="time">The clock.</param>
    /// <param name="parts">Whether the store is the cluster: then its silos report ends.</param>
    /// <param name="services">Provides the link to the silos, which exists only with a cluster.</param>
    public SessionEndings(IServerSessionStore store, TimeProvider time, SessionParts parts, IServiceProvider services)
    {
        _store = store;
        _time = time;
        _cluster = parts.UsesGrainStore ? services.GetRequiredService<ClusterWatch>() : null;
        _cluster?.Add(this);
    }

    /// <summary>How many sessions are watched.</summary>
    public int Count => _count;

    /// <summary>Starts to watch a session; every call is paired with a <see cref="Release"/>.</summary>
    public SessionWatch Acquire(SessionId id, VerifierHash verifier, DateTimeOffset expiresAt)
    {
        SessionWatch? watch;
        bool isNew;
        lock (_lock)
        {
            isNew = !_watches.TryGetValue(id, out watch);
            if (isNew)
            {
                watch = new SessionWatch(this, id, verifier, expiresAt, _time);
                _watches.Add(id, watch);
                _count = _watches.Count;
            }

            watch!.Holders++;
        }

        if (isNew)
        {
            // The session may have ended between its opening and now.
            watch.Ask();
        }

        return watch;
    }

    public void Release(SessionWatch watch)
    {
        lock (_lock)
        {
            if (--watch.Holders == 0)
            {
                Forget(watch);
            }
        }
    }

    /// <summary>Notes the deadline and the token of a session as its grain just reported them.</summary>
    public void Observe(SessionId id, VerifierHash verifier, DateTimeOffset expiresAt)
    {
        if (_count != 0 && Find(id) is { } watch)
        {
            watch.Observe(verifier, expiresAt);
        }
    }

    /// <summary>The session was destroyed here, or its grain said that it is gone.</summary>
    public void End(SessionId id)
    {
        if (_count == 0)
        {
            return;
        }

        SessionWatch? watch;
        lock (_lock)
        {
            if (_watches.TryGetValue(id, out watch))
            {
                Forget(watch);
            }
        }

        watch?.Fire();
    }

    public bool OnNotice(in SessionNotice notice)
    {
        if (Find(notice.Id) is not { } watch)
        {
            return false;
        }

        switch (notice.Kind)
        {
            case SessionNoticeKind.Ended:
                End(notice.Id);
                break;
            case SessionNoticeKind.Moved:
                watch.Ask();
                break;
            case SessionNoticeKind.Changed:
                break;
            default:
                // A notice of a later version: what it means, the session's grain can say.
                watch.Ask();
                break;
        }

        return true;
    }

    public void OnSilent(Guid link)
    {
        SessionWatch[] watches;
        lock (_lock)
        {
            watches = [.. _watches.Values.Where(watch => watch.IsToldOn(link))];
        }

        foreach (var watch in watches)
        {
            watch.Ask();
        }
    }

    /// <summary>Whether the ends of the sessions of a silo's link are told, as far as this frontend knows.</summary>
    public bool IsHeard(Guid link) => _cluster?.IsHeard(link) ?? true;

    /// <summary>Asks a session's grain, which tells this frontend of the session's end from then on.</summary>
    /// <param name="id">The session.</param>
    /// <param name="verifier">The hash of its token's verifier.</param>
    /// <param name="isFirst">Whether a request has just begun to watch it: then it does not wait for those that are asked for again, which may not be reachable.</param>
    public async ValueTask<WatchReply> AskAsync(SessionId id, VerifierHash verifier, bool isFirst)
    {
        if (isFirst)
        {
            return await AskAsync(id, verifier).ConfigureAwait(false);
        }

        await _asks.WaitAsync().ConfigureAwait(false);
        try
        {
            return await AskAsync(id, verifier).ConfigureAwait(false);
        }
        finally
        {
            _asks.Release();
        }
    }

    public void Dispose() => _asks.Dispose();

    private async ValueTask<WatchReply> AskAsync(SessionId id, VerifierHash verifier) => _cluster is not null
        ? await _cluster.AskAsync(id, verifier).ConfigureAwait(false)
        : new WatchReply
        {
            Session = await _store.OpenAsync(id, verifier, OpenMode.Peek, CancellationToken.None).ConfigureAwait(false),
            AskAfter = TimeSpan.MaxValue,
        };

    private SessionWatch? Find(SessionId id)
    {
        lock (_lock)
        {
            return _watches.GetValueOrDefault(id);
        }
    }

    private void Forget(SessionWatch watch)
    {
        if (_watches.TryGetValue(watch.Id, out var current) && ReferenceEquals(current, watch))
        {
            _watches.Remove(watch.Id);
            _count = _watches.Count;
        }

        watch.Stop();
    }
}
