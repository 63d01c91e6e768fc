using System.Collections.Concurrent;
using Orleans.Runtime;

namespace ServerSession;

/// <summary>
/// The observer that the silos call, one for the process. It passes their notices on, and detects by missing heartbeats that a silo can no longer notify it.
/// </summary>
internal sealed class ClusterWatch(IGrainFactory grains, ClusterCalls calls, TimeProvider time) : IFrontendObserver, IDisposable
{
    /// <summary>After which time without a word a silo counts as silent. A silo speaks once a second.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    /// <summary>How soon a session is asked for again that no silo watches, because it is older than watching or cannot be reached.</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);

    /// <summary>For how long sessions are opened without being watched after a silo did not know the call.</summary>
    private static readonly TimeSpan OpensOnceFor = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<Guid, long> _heard = new();
    private ISessionNoticeListener[] _listeners = [];
    private IFrontendObserver? _self;
    private ITimer? _timer;
    private bool _disposed;
    private long? _opensOnceUntil;

    /// <summary>How many silos watch sessions for this frontend.</summary>
    public int Silos => _heard.Count;

    public void Add(ISessionNoticeListener listener)
    {
        lock (_lock)
        {
            _listeners = [.. _listeners, listener];
        }
    }

    /// <summary>Asks a session's grain, and has it watched from then on.</summary>
    /// <exception cref="SessionUnavailableException">It cannot be reached.</exception>
    public async ValueTask<WatchReply> WatchAsync(SessionId id, WatchSession request, CancellationToken cancellationToken)
    {
        var reply = await calls.RunAsync(
            (Grain: grains.GetGrain<ISessionGrain>(id.ToGrainKey()), Request: request with { Frontend = Self() }),
            static call => call.Grain.WatchAsync(call.Request),
            CallKind.Read, giveUpAt: null, ClusterCalls.LongestGrainCall, cancellationToken).ConfigureAwait(false);
        if (reply.Silo != Guid.Empty)
        {
            NoteHeard(reply.Silo);
        }

        return reply;
    }

    /// <summary>Asks whether a session lives and until when, without extending it, and has it watched.</summary>
    /// <exception cref="SessionUnavailableException">It cannot be reached.</exception>
    public async ValueTask<WatchReply> AskAsync(SessionId id, VerifierHash verifier)
    {
        try
        {
            return await WatchAsync(id, new WatchSession { Verifier = verifier }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (SessionUnavailableException)
        {
            // A silo of the version before does not know the call. Where the session cannot be reached, neither can it be opened.
            return await OpenOnceAsync(id, verifier, OpenMode.Peek, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Opens a session without the data that this frontend has already, and hears of its changes from then on.</summary>
    /// <exception cref="SessionUnavailableException">It cannot be reached.</exception>
    public async ValueTask<WatchReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, long stamp, CancellationToken cancellationToken)
    {
        if (_opensOnceUntil is { } until && time.GetTimestamp() < until)
        {
            return await OpenOnceAsync(id, verifier, mode, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            var request = new WatchSession { Verifier = verifier, Mode = mode, WantSnapshot = true, WantChanges = true, Stamp = stamp };
            return await WatchAsync(id, request, cancellationToken).ConfigureAwait(false);
        }
        catch (SessionUnavailableException exception) when (IsUnknownCall(exception.InnerException))
        {
            _opensOnceUntil = time.GetTimestamp() + (long)(OpensOnceFor.TotalSeconds * time.TimestampFrequency);
            return await OpenOnceAsync(id, verifier, mode, cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask<SessionId[]> NotifyAsync(Guid silo, SessionNotice[] notices)
    {
        if (_heard.ContainsKey(silo))
        {
            _heard[silo] = time.GetTimestamp();
        }

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

    public ValueTask LeaveAsync(Guid silo)
    {
        if (_heard.TryRemove(silo, out _))
        {
            TellSilent(silo);
        }

        return default;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    private async ValueTask<WatchReply> OpenOnceAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken) => new()
    {
        Session = await calls.RunAsync(
            (Grain: grains.GetGrain<ISessionGrain>(id.ToGrainKey()), verifier, mode),
            static call => call.Grain.OpenAsync(call.verifier, call.mode),
            CallKind.Read, giveUpAt: null, ClusterCalls.LongestGrainCall, cancellationToken).ConfigureAwait(false),
        AskAfter = AskAgain,
    };

    /// <summary>Whether a silo of the version before cannot read the call: it fails at once, and in another way than a silo that is not there.</summary>
    private static bool IsUnknownCall(Exception? exception) =>
        exception is not (null or TimeoutException or OrleansMessageRejectionException or ClientNotAvailableException or GatewayTooBusyException
            or SessionUnavailableException or OperationCanceledException);

    private IFrontendObserver Self()
    {
        if (_self is null)
        {
            lock (_lock)
            {
                _self ??= grains.CreateObjectReference<IFrontendObserver>(this);
            }
        }

        return _self;
    }

    private void NoteHeard(Guid silo)
    {
        var isNew = !_heard.ContainsKey(silo);
        _heard[silo] = time.GetTimestamp();
        if (isNew)
        {
            lock (_lock)
            {
                if (_timer is null && !_disposed)
                {
                    using (ExecutionContext.SuppressFlow())
                    {
                        _timer = time.CreateTimer(static watch => ((ClusterWatch)watch!).Check(), this, CheckInterval, CheckInterval);
                    }
                }
            }
        }
    }

    private void Check()
    {
        foreach (var (silo, heard) in _heard)
        {
            // Not where it has spoken meanwhile.
            if (time.GetElapsedTime(heard) > LongestSilence && _heard.TryRemove(new(silo, heard)))
            {
                TellSilent(silo);
            }
        }

        lock (_lock)
        {
            if (_heard.IsEmpty)
            {
                _timer?.Dispose();
                _timer = null;
            }
        }
    }

    private void TellSilent(Guid silo)
    {
        foreach (var listener in _listeners)
        {
            listener.OnSilent(silo);
        }
    }
}
