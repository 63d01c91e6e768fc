namespace ServerSession.AspNetCore;

/// <summary>
/// The observer that the silos call, one for the process. It passes their notices on, and detects by missing heartbeats that a silo can no longer notify it.
/// </summary>
internal sealed class ClusterWatch : IFrontendObserver, IDisposable
{
    /// <summary>How soon a session is asked for again that no silo watches, because it is older than watching or cannot be reached.</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);

    /// <summary>For how long sessions are opened without being watched after a silo did not know the call.</summary>
    private static readonly TimeSpan OpensOnceFor = TimeSpan.FromMinutes(1);

    /// <summary>How long a frontend that stops waits for the silos' links to close. A silo sends a message each second.</summary>
    private static readonly TimeSpan LongestLeave = TimeSpan.FromSeconds(2);

    /// <summary>How long the answer to the last message has to leave this process: a silo does not wait for it.</summary>
    private static readonly TimeSpan LastAnswer = TimeSpan.FromMilliseconds(50);

    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly IGrainFactory _grains;
    private readonly ClusterCalls _calls;
    private readonly TimeProvider _time;
    private readonly HeardLinks _links;
    private ISessionNoticeListener[] _listeners = [];
    private IFrontendObserver? _self;
    private long _opensOnceUntil = long.MinValue;
    private volatile bool _isLeaving;

    public ClusterWatch(IGrainFactory grains, ClusterCalls calls, TimeProvider time)
    {
        _grains = grains;
        _calls = calls;
        _time = time;
        _links = new HeardLinks(time, TellSilent);
    }

    /// <summary>How many links of silos are open on which sessions are watched for this frontend.</summary>
    public int Links => _links.Count;

    public void Add(ISessionNoticeListener listener)
    {
        lock (_lock)
        {
            _listeners = [.. _listeners, listener];
        }
    }

    /// <summary>Whether messages come over the link, as far as this frontend knows.</summary>
    public bool IsHeard(Guid link) => _links.Contains(link);

    /// <summary>
    /// Asks whether a session lives and until when, without extending it, and has it watched. It waits for one call: whoever has no answer asks again.
    /// </summary>
    /// <exception cref="SessionUnavailableException">It cannot be reached.</exception>
    public async ValueTask<WatchReply> AskAsync(SessionId id, VerifierHash verifier)
    {
        var giveUpAt = _time.GetUtcNow() + CallBudget.CallTimeout;
        return await TryWatchAsync(id, new WatchSession { Verifier = verifier }, giveUpAt, CancellationToken.None).ConfigureAwait(false)
            ?? await OpenOnceAsync(id, verifier, OpenMode.Peek, giveUpAt, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Opens a session without the data that this frontend has already, and hears of its changes from then on.</summary>
    /// <exception cref="SessionUnavailableException">It cannot be reached.</exception>
    public async ValueTask<WatchReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, long stamp, CancellationToken cancellationToken)
    {
        if (_time.GetTimestamp() >= Volatile.Read(ref _opensOnceUntil))
        {
            var request = new WatchSession { Verifier = verifier, Mode = mode, WantSnapshot = true, WantChanges = true, Stamp = stamp };
            if (await TryWatchAsync(id, request, giveUpAt: null, cancellationToken).ConfigureAwait(false) is { } reply)
            {
                return reply;
            }

            Volatile.Write(ref _opensOnceUntil, _time.GetTimestamp() + (long)(OpensOnceFor.TotalSeconds * _time.TimestampFrequency));
        }

        return await OpenOnceAsync(id, verifier, mode, giveUpAt: null, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<SessionId[]> NotifyAsync(Guid link, SessionNotice[] notices)
    {
        if (_isLeaving)
        {
            throw new SessionUnavailableException("The frontend is stopping.");
        }

        _links.Hear(link);
        List<SessionId>? unknown = null;
        foreach (var notice in notices)
        {
            var isKnown = false;
            foreach (var listener in _listeners)
            {
                isKnown |= listener.OnNotice(in notice);
            }

            if (!isKnown)
            {
                (unknown ??= []).Add(notice.Id);
            }
        }

        return new(unknown?.ToArray() ?? []);
    }

    public ValueTask LeaveAsync(Guid link)
    {
        var wasOpen = _links.Remove(link);
        if (_isLeaving)
        {
            SetLeftIfDone();
        }
        else if (wasOpen)
        {
            TellSilent(link);
        }

        return default;
    }

    /// <summary>
    /// Refuses each further message, on which its silo closes the link and says so, and waits until all have, two seconds at most: a silo may have died. What comes
    /// after that is dropped without an answer, because an Orleans client that was disposed of cannot give one, and throws.
    /// </summary>
    /// <param name="client">The client, which is about to stop. The factory of the calls may refuse them by now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task LeaveAsync(IGrainFactory client, CancellationToken cancellationToken)
    {
        _isLeaving = true;
        if (_links.Count > 0)
        {
            // In real time, because the silos send in real time.
            await _left.Task.WaitAsync(LongestLeave, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(LastAnswer, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (Interlocked.Exchange(ref _self, null) is { } self)
        {
            client.DeleteObjectReference<IFrontendObserver>(self);
        }
    }

    public void Dispose() => _links.Dispose();

    private void SetLeftIfDone()
    {
        if (_links.Count == 0)
        {
            _left.TrySetResult();
        }
    }

    /// <summary>Asks a session's grain, and has it watched from then on. Null where its silo is of a version that does not know the call.</summary>
    private async ValueTask<WatchReply?> TryWatchAsync(SessionId id, WatchSession request, DateTimeOffset? giveUpAt, CancellationToken cancellationToken)
    {
        var reply = await _calls.RunAsync(
            (Watch: this, id, request),
            static call => TryWatchAsync(call.Watch.Grain(call.id), call.request with { Frontend = call.Watch.Self() }),
            CallKind.Read, giveUpAt, ClusterCalls.LongestGrainCall, cancellationToken).ConfigureAwait(false);
        if (reply is { } answer && answer.Link != Guid.Empty)
        {
            _links.Expect(answer.Link);
        }

        return reply;
    }

    private static async ValueTask<WatchReply?> TryWatchAsync(ISessionGrain grain, WatchSession request)
    {
        try
        {
            return await grain.WatchAsync(request).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not ArgumentException && !ClusterCalls.IsTransient(exception))
        {
            // A silo of the version before cannot read the call: it fails at once, and in another way than a silo that is not there. Where the session
            // cannot be read for another reason, to open it says so.
            return null;
        }
    }

    private async ValueTask<WatchReply> OpenOnceAsync(
        SessionId id, VerifierHash verifier, OpenMode mode, DateTimeOffset? giveUpAt, CancellationToken cancellationToken) => new()
    {
        Session = await _calls.RunAsync(
            (Watch: this, id, verifier, mode),
            static call => call.Watch.Grain(call.id).OpenAsync(call.verifier, call.mode),
            CallKind.Read, giveUpAt, ClusterCalls.LongestGrainCall, cancellationToken).ConfigureAwait(false),
        AskAfter = AskAgain,
    };

    private ISessionGrain Grain(SessionId id) => _grains.GetGrain<ISessionGrain>(id.ToGrainKey());

    /// <summary>What the silos call; null once this frontend is leaving, so that no new link comes into being.</summary>
    private IFrontendObserver? Self()
    {
        if (_self is null && !_isLeaving)
        {
            lock (_lock)
            {
                _self ??= _grains.CreateObjectReference<IFrontendObserver>(this);
            }
        }

        return _isLeaving ? null : _self;
    }

    private void TellSilent(Guid link)
    {
        foreach (var listener in _listeners)
        {
            listener.OnSilent(link);
        }
    }
}
