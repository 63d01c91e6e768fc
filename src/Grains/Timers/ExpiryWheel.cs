using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>
/// The expiry timers of all sessions of a silo: a hashed timing wheel after Varghese and Lauck, because a grain timer for each session takes several times the
/// memory. To add and to remove an entry takes constant time, and what was removed is not held any longer.
/// </summary>
/// <remarks>
/// It runs on the monotonic clock. By that clock no entry fires early, and at most one tick late while fewer than <see cref="CallsAtOnce"/> calls run. That
/// maximum leaves the silo capacity for its users when many sessions end together; the other entries wait, in the order of their ticks. A grain is called
/// through its grain reference, as by any other caller; where the activation is gone by then, a new one finds with one read of the storage that there is
/// nothing to do. Unlike the tick of a grain timer, a call keeps an idle activation in memory. That affects no session: volatile ones stay in memory anyway,
/// and the others are called at their end.
/// </remarks>
internal sealed partial class ExpiryWheel : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    /// <summary>How many grains are called at a time.</summary>
    public const int CallsAtOnce = 128;

    // A power of two. Entries that are due after more than one revolution, some four minutes, are skipped once in each.
    private const int Slots = 1024;

    private const int LastTick = int.MaxValue - 1;

    /// <summary>How exact the wheel is.</summary>
    public static readonly TimeSpan TickLength = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly RingNode[] _slots = new RingNode[Slots];
    private readonly RingNode _due = new();
    private readonly TimeProvider _clock;
    private readonly ILogger<ExpiryWheel> _logger;
    private readonly TimeSpan _retryAfter;
    private readonly long _began;
    private ITimer? _timer;
    private int _tick;
    private int _count;
    private int _callers;
    private bool _stopped;

    public ExpiryWheel(SessionClock clock, IOptions<SessionGrainOptions> options, ILogger<ExpiryWheel> logger)
    {
        _clock = clock.Monotonic;
        _retryAfter = options.Value.StorageTimeout;
        _logger = logger;
        _began = _clock.GetTimestamp();
        for (var slot = 0; slot < Slots; slot++)
        {
            _slots[slot] = new RingNode();
        }
    }

    /// <summary>How many entries are in the wheel, those whose grain is being called not among them.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Arms the entry, or arms it again. Spans beyond 17 years of the silo's uptime fire then.</summary>
    public void Add(ExpiryEntry entry, TimeSpan due)
    {
        lock (_gate)
        {
            Take(entry, ExpiryStage.On);
            entry.Tick = (int)Math.Clamp(Math.Ceiling((_clock.GetElapsedTime(_began) + Capped(due)) / TickLength), _tick + 1.0, int.MaxValue);
            entry.MoveTo(_slots[entry.Tick % Slots]);
        }
    }

    /// <summary>Takes the entry out, wherever it is; a call that has begun is not taken back.</summary>
    public void Remove(ExpiryEntry entry)
    {
        lock (_gate)
        {
            Take(entry, ExpiryStage.Off);
        }
    }

    public void Participate(ISiloLifecycle observer) => observer.Subscribe(
        nameof(ExpiryWheel),
        ServiceLifecycleStage.Active,
        _ =>
        {
            Start();
            return Task.CompletedTask;
        },
        _ =>
        {
            Stop();
            return Task.CompletedTask;
        });

    public void Start()
    {
        using (ExecutionContext.SuppressFlow())
        {
            _timer = _clock.CreateTimer(static wheel => ((ExpiryWheel)wheel!).Turn(), this, TickLength, TickLength);
        }
    }

    /// <summary>Begins no more calls, and waits for none: the grains are deactivated next.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
        }

        _timer?.Dispose();
    }

    public void Dispose() => Stop();

    private void Turn()
    {
        int callers;
        lock (_gate)
        {
            TakeDue((int)Math.Min(_clock.GetElapsedTime(_began) / TickLength, LastTick));
            callers = _stopped ? 0 : NewCallers();
            _callers += callers;
        }

        for (; callers > 0; callers--)
        {
            _ = CallAsync();
        }
    }

    private int NewCallers()
    {
        var callers = 0;
        for (var node = _due.Next; node != _due && _callers + callers < CallsAtOnce; node = node.Next)
        {
            callers++;
        }

        return callers;
    }

    private void TakeDue(int now)
    {
        // A process that was paused for more than one revolution looks at each slot once.
        for (var tick = Math.Max(_tick, now - Slots) + 1; tick <= now; tick++)
        {
            var slot = _slots[tick % Slots];
            for (var node = slot.Next; node != slot;)
            {
                var entry = (ExpiryEntry)node;
                node = node.Next;
                if (entry.Tick <= now)
                {
                    entry.MoveTo(_due);
                }
            }
        }

        _tick = Math.Max(_tick, now);
    }

    private async Task CallAsync()
    {
        while (TakeNext() is { } entry)
        {
            try
            {
                await entry.Owner.ExpireIfDueAsync().ConfigureAwait(false);
                Called(entry, again: false);
            }
            catch (Exception exception)
            {
                // A grain that was reached has taken the entry out: it arms a new one or is being deactivated, and logs a failing storage itself.
                if (Called(entry, again: true) || exception is not SessionUnavailableException)
                {
                    LogCallFailed(_logger, exception);
                }
            }
        }
    }

    private ExpiryEntry? TakeNext()
    {
        lock (_gate)
        {
            if (_stopped || _due.Next == _due)
            {
                _callers--;
                return null;
            }

            var entry = (ExpiryEntry)_due.Next;
            Take(entry, ExpiryStage.Called);
            return entry;
        }
    }

    /// <summary>True if the entry was still the grain's own when the call ended.</summary>
    private bool Called(ExpiryEntry entry, bool again)
    {
        lock (_gate)
        {
            if (entry.Stage != ExpiryStage.Called)
            {
                return false;
            }

            entry.Stage = ExpiryStage.Off;
            if (again)
            {
                Add(entry, _retryAfter);
            }

            return true;
        }
    }

    private void Take(ExpiryEntry entry, ExpiryStage next)
    {
        _count += (next == ExpiryStage.On ? 1 : 0) - (entry.Stage == ExpiryStage.On ? 1 : 0);
        entry.Stage = next;
        entry.Leave();
    }

    // The longest time spans would overflow the sum.
    private static TimeSpan Capped(TimeSpan due) => due < TimeSpan.MaxValue / 2 ? due : TimeSpan.MaxValue / 2;
}
