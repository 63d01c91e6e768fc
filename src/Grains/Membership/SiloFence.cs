using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace ServerSession;

/// <summary>
/// Keeps a silo that was paused or cut off from answering for sessions it may no longer own: the silo serves only while its last successful
/// look at its own membership entry, status Active, began less than the fence age ago on the monotonic clock.
/// </summary>
internal sealed partial class SiloFence : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private const int LooksPerAge = 4;

    private readonly IMembershipTable _table;
    private readonly SiloAddress _silo;
    private readonly TimeProvider _clock;
    private readonly ILogger<SiloFence> _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeSpan _age;
    private long _lastLook = long.MinValue;
    private Task _looking = Task.CompletedTask;

    public SiloFence(
        IMembershipTable table,
        ILocalSiloDetails silo,
        SessionClock clock,
        IOptions<SessionGrainOptions> options,
        IOptions<ClusterMembershipOptions> membership,
        ILogger<SiloFence> logger)
    {
        _table = table;
        _silo = silo.SiloAddress;
        _clock = clock.Steady;
        _logger = logger;
        _age = FailureDetection.FenceAge(options.Value, membership.Value);
    }

    /// <summary>Whether the silo may answer.</summary>
    public bool IsFresh
    {
        get
        {
            var look = Volatile.Read(ref _lastLook);
            return look != long.MinValue && _clock.GetElapsedTime(look) < _age;
        }
    }

    /// <summary>Lets the call go on only while the fence is fresh.</summary>
    /// <exception cref="SessionUnavailableException">It is not.</exception>
    public void Demand()
    {
        if (!IsFresh)
        {
            throw new SessionUnavailableException("This silo cannot confirm that it is an active member of its cluster, so it does not answer for the session.");
        }
    }

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(SiloFence), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    public void Dispose() => _stop.Dispose();

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await LookAsync(cancellationToken);
        _looking = Task.Run(RunAsync, CancellationToken.None);
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _looking.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(_age / LooksPerAge, _clock);
        while (await NextAsync(timer))
        {
            await LookAsync(_stop.Token);
        }
    }

    private async ValueTask<bool> NextAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var began = _clock.GetTimestamp();
        try
        {
            var row = await _table.ReadRowAsync(_silo, cancellationToken).WaitAsync(_age, _clock, cancellationToken);
            foreach (var (entry, _) in row.Members)
            {
                if (entry.SiloAddress.Equals(_silo) && entry.Status == SiloStatus.Active)
                {
                    Volatile.Write(ref _lastLook, began);
                    return;
                }
            }

            LogNotActive(_logger);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The silo is stopping.
        }
        catch (Exception exception)
        {
            LogLookFailed(_logger, exception);
        }
    }

    [LoggerMessage(EventId = 5101, EventName = "FenceNotActive", Level = LogLevel.Warning, Message = "The membership table does not list this silo as active; it does not answer for sessions.")]
    private static partial void LogNotActive(ILogger logger);

    [LoggerMessage(EventId = 5102, EventName = "FenceLookFailed", Level = LogLevel.Warning, Message = "The silo could not look at its own entry in the membership table.")]
    private static partial void LogLookFailed(ILogger logger, Exception exception);
}
