namespace ServerSession.AspNetCore;

/// <summary>
/// Reads the key ring for code that cannot await. While the cluster is known not to answer, callers fail at once: Data Protection lets every
/// request that needs its keys wait for the same read, and each of them holds a thread.
/// </summary>
internal sealed class KeyRingReader(IKeyElementStore store, TimeProvider time)
{
    /// <summary>How often a frontend asks again while another one makes the first key.</summary>
    private static readonly TimeSpan MakingPause = TimeSpan.FromMilliseconds(100);

    /// <summary>How long callers fail at once after a failure that nobody follows up in the background.</summary>
    private static readonly TimeSpan OutagePause = TimeSpan.FromSeconds(1);

    private readonly Guid _maker = Guid.NewGuid();
    private readonly Lock _lock = new();
    private volatile Outage? _outage;
    private volatile bool _isWatched;

    /// <summary>Is complete while there is an outage, for who waits to follow it up: both change together.</summary>
    private TaskCompletionSource _failed = New();

    /// <summary>Says that a background task calls <see cref="ProbeAsync"/> until it succeeds, after each failure.</summary>
    public void Watch() => _isWatched = true;

    /// <summary>Completes when the ring cannot be read.</summary>
    public Task FailedAsync()
    {
        lock (_lock)
        {
            return _failed.Task;
        }
    }

    /// <summary>Reads the ring, waiting for the first key where another frontend makes it.</summary>
    /// <exception cref="SessionUnavailableException">The cluster does not answer, or did not a moment ago.</exception>
    public async Task<IReadOnlyList<DataProtectionKeyElement>> ReadAsync(bool makesFirst)
    {
        if (_outage is { } outage && (_isWatched || time.GetElapsedTime(outage.Since) < OutagePause))
        {
            throw Unreadable(outage.Cause);
        }

        while (true)
        {
            var ring = await TryAsync(makesFirst ? _maker : Guid.Empty).ConfigureAwait(false);
            if (!ring.IsMadeElsewhere || !makesFirst)
            {
                return ring.Elements;
            }

            await Task.Delay(MakingPause, time).ConfigureAwait(false);
        }
    }

    /// <summary>Asks the cluster, whatever is known of it; true where it answers.</summary>
    public async Task<bool> ProbeAsync()
    {
        try
        {
            await TryAsync(Guid.Empty).ConfigureAwait(false);
            return true;
        }
        catch (SessionUnavailableException)
        {
            return false;
        }
    }

    private async ValueTask<DataProtectionKeyRing> TryAsync(Guid maker)
    {
        try
        {
            var ring = await store.ReadAsync(maker).ConfigureAwait(false);
            if (_outage is not null)
            {
                EndOutage();
            }

            return ring;
        }
        catch (SessionUnavailableException exception)
        {
            BeginOutage(exception);
            throw Unreadable(exception);
        }
    }

    private void BeginOutage(SessionUnavailableException cause)
    {
        lock (_lock)
        {
            _outage = new Outage(cause, time.GetTimestamp());
            _failed.TrySetResult();
        }
    }

    private void EndOutage()
    {
        lock (_lock)
        {
            if (_outage is not null)
            {
                _outage = null;
                _failed = New();
            }
        }
    }

    private static SessionUnavailableException Unreadable(SessionUnavailableException cause) => new(
        $"The Data Protection keys cannot be read from the session cluster, so nothing can be protected or unprotected now. {cause.Message}", cause);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed record Outage(SessionUnavailableException Cause, long Since);
}
