using System.Collections.Concurrent;
using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>The silo's connections to the frontends that watch its sessions, each with a separate send loop.</summary>
internal sealed class FrontendLinks(SessionWatchers watchers)
{
    private readonly ConcurrentDictionary<GrainId, FrontendLink> _links = new();
    private readonly ConcurrentDictionary<FrontendLink, Task> _running = new();

    public int Count => _links.Count;

    /// <summary>The link to a frontend, made at the first call.</summary>
    public FrontendLink To(IFrontendObserver frontend)
    {
        var key = frontend.GetGrainId();
        while (true)
        {
            if (_links.TryGetValue(key, out var present))
            {
                if (!present.IsClosed)
                {
                    return present;
                }

                _links.TryRemove(new(key, present));
            }

            var link = new FrontendLink(frontend, watchers);
            if (_links.TryAdd(key, link))
            {
                // Not on the grain's scheduler, nor in its execution context.
                using (ExecutionContext.SuppressFlow())
                {
                    _running[link] = Task.Run(() => RunAsync(key, link));
                }

                return link;
            }
        }
    }

    /// <summary>Has a heartbeat sent to each frontend.</summary>
    public void Tick()
    {
        foreach (var (_, link) in _links)
        {
            link.Tick();
        }
    }

    /// <summary>Tells every frontend that the silo stops; completes when all know, or do not answer.</summary>
    public Task LeaveAsync()
    {
        foreach (var (_, link) in _links)
        {
            link.Leave();
        }

        return Task.WhenAll(_running.Values);
    }

    private async Task RunAsync(GrainId key, FrontendLink link)
    {
        try
        {
            await link.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            _links.TryRemove(new(key, link));
            _running.TryRemove(link, out _);
        }
    }
}
