using System.Collections.Concurrent;

namespace ServerSession;

/// <summary>
/// Tells sessions of the accesses that were served here, with the time of the access, within two seconds after the last one: so a session that is
/// only read from here lives as long as if each read had asked it.
/// </summary>
internal sealed class NearTouches(IGrainFactory grains, ClusterCalls calls, TimeProvider time) : IDisposable
{
    private const int CallsAtOnce = 256;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<NearEntry> _entries = new();
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private bool _isRunning;
    private bool _disposed;

    /// <summary>Has the session told of the entry's last access.</summary>
    public void Add(NearEntry entry)
    {
        if (entry.IsListed || !entry.TryList())
        {
            return;
        }

        _entries.Enqueue(entry);
        if (_timer is null)
        {
            Start();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    private void Start()
    {
        lock (_lock)
        {
            if (_timer is null && !_disposed)
            {
                using (ExecutionContext.SuppressFlow())
                {
                    _timer = time.CreateTimer(static touches => _ = ((NearTouches)touches!).RunAsync(), this, Interval, Interval);
                }
            }
        }
    }

    private async Task RunAsync()
    {
        lock (_lock)
        {
            if (_isRunning)
            {
                return;
            }

            _isRunning = true;
        }

        try
        {
            var telling = new List<Task>();
            for (var count = _entries.Count; count > 0 && _entries.TryDequeue(out var entry); count--)
            {
                entry.Unlist();
                if (entry.UntoldAccess is not { } access)
                {
                    continue;
                }

                if (time.GetUtcNow() - access < Interval)
                {
                    // Still being read: its next question to the session tells it.
                    Add(entry);
                }
                else if (entry.Served is { } served)
                {
                    telling.Add(TellAsync(entry, served, access));
                }

                if (telling.Count == CallsAtOnce)
                {
                    await Task.WhenAll(telling).ConfigureAwait(false);
                    telling.Clear();
                }
            }

            await Task.WhenAll(telling).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _isRunning = false;
            }
        }
    }

    private async Task TellAsync(NearEntry entry, NearState state, DateTimeOffset access)
    {
        try
        {
            var request = new CommitSession
            {
                Verifier = state.Verifier,
                Operation = OperationId.New(),
                IssuedAt = time.GetUtcNow(),
                AccessedAt = access,
                NotAfter = calls.GiveUpAt(),
            };
            var reply = await calls.RunAsync(
                (Grain: grains.GetGrain<ISessionGrain>(entry.Id.ToGrainKey()), request),
                static call => call.Grain.CommitAsync(call.request),
                CallKind.Change, request.NotAfter, ClusterCalls.LongestGrainCall, CancellationToken.None).ConfigureAwait(false);
            entry.Told(access);
            if (reply.Outcome is SessionOutcome.Gone or SessionOutcome.Stale)
            {
                entry.Drop();
            }
        }
        catch (SessionUnavailableException)
        {
            // It is tried again while the entry is there.
            Add(entry);
        }
    }
}
