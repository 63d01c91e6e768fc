namespace ServerSession.AspNetCore;

/// <summary>
/// Tells sessions of the accesses that were served here, with the time of the access, within two seconds after the last one: so a session that is
/// only read from here lives as long as if each read had asked it. A session that cannot be reached is told later, and delays no other.
/// </summary>
internal sealed class NearTouches(IGrainFactory grains, ClusterCalls calls, TimeProvider time) : IDisposable
{
    private const int CallsAtOnce = 512;

    /// <summary>How many sessions are told at a time of those that could not be told before.</summary>
    private const int RepeatsAtOnce = 64;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Queue<NearEntry> _read = new();
    private readonly Queue<NearEntry> _failed = new();
    private readonly NearTouchLane _first = new(CallsAtOnce);
    private readonly NearTouchLane _repeats = new(RepeatsAtOnce);
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private bool _disposed;

    /// <summary>Has the session told of the entry's last access.</summary>
    public void Add(NearEntry entry)
    {
        if (entry.IsListed || !entry.TryList())
        {
            return;
        }

        lock (_lock)
        {
            _read.Enqueue(entry);
            if (_timer is null && !_disposed)
            {
                using (ExecutionContext.SuppressFlow())
                {
                    _timer = time.CreateTimer(static touches => ((NearTouches)touches!).Tick(), this, Interval, Interval);
                }
            }
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

    private void Tick()
    {
        foreach (var entry in TakeAll(_read))
        {
            entry.Unlist();
            if (entry.UntoldAccess is { } access)
            {
                if (time.GetUtcNow() - access < Interval)
                {
                    // Still being read: its next question to the session tells it.
                    Add(entry);
                }
                else
                {
                    _first.Add(entry);
                }
            }
        }

        foreach (var entry in TakeAll(_failed))
        {
            _repeats.Add(entry);
        }

        Start(_first);
        Start(_repeats);
    }

    private NearEntry[] TakeAll(Queue<NearEntry> entries)
    {
        lock (_lock)
        {
            var all = entries.ToArray();
            entries.Clear();
            return all;
        }
    }

    private void Start(NearTouchLane lane)
    {
        while (lane.TryAddWorker())
        {
            _ = WorkAsync(lane);
        }
    }

    private async Task WorkAsync(NearTouchLane lane)
    {
        while (lane.TryTake(out var entry))
        {
            if (entry.UntoldAccess is { } access && entry.Served is { } served && !await TryTellAsync(entry, served, access).ConfigureAwait(false))
            {
                lock (_lock)
                {
                    _failed.Enqueue(entry);
                }
            }
        }
    }

    /// <summary>Tells an access; false where the session has not heard of it.</summary>
    private async Task<bool> TryTellAsync(NearEntry entry, NearState state, DateTimeOffset access)
    {
        try
        {
            var now = time.GetUtcNow();

            // An id without a number: a commit without changes leaves no result that the session would have to forget, and a repeat does no harm.
            var request = new CommitSession
            {
                Verifier = state.Verifier,
                Operation = OperationId.New(),
                IssuedAt = now,
                AccessedAt = access,
                NotAfter = calls.GiveUpAt(),
            };

            // Like a read: where it arrives after it was given up, it moves no deadline back.
            var reply = await calls.RunAsync(
                (grains, Key: entry.Id.ToGrainKey(), request),
                static call => call.grains.GetGrain<ISessionGrain>(call.Key).CommitAsync(call.request),
                CallKind.Read, now + CallBudget.CallTimeout, ClusterCalls.LongestGrainCall, CancellationToken.None).ConfigureAwait(false);
            switch (reply.Outcome)
            {
                case SessionOutcome.Committed:
                    entry.Told(access);
                    return true;
                case SessionOutcome.Gone:
                    entry.Told(access);
                    entry.End();
                    return true;
                case SessionOutcome.Stale:
                    // The session lives under another token; this one does not extend it any more.
                    entry.Told(access);
                    entry.Drop();
                    return true;
                default:
                    return false;
            }
        }
        catch (Exception)
        {
            // The calls have logged it.
            return false;
        }
    }
}
