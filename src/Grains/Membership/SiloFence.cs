using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>
/// Keeps a silo that was paused or cut off from answering for sessions that other silos may have activated: the silo serves only while its last
/// successful check of its own membership entry, status Active, began less than the fence age ago on the monotonic clock.
/// </summary>
internal sealed partial class SiloFence : ISiloFence, ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private const int ChecksPerAge = 4;

    private readonly IMembershipTable _table;
    private readonly SiloAddress _silo;
    private readonly TimeProvider _clock;
    private readonly ILogger<SiloFence> _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeSpan _age;
    private long _lastCheck = long.MinValue;
    private Task _checking = Task.CompletedTask;

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
        _clock = clock.Monotonic;
        _logger = logger;
        _age = FailureDetection.FenceAge(options.Value, membership.Value);
    }

    /// <summary>Whether the silo may answer.</summary>
    public bool IsFresh
    {
        get
        {
            var check = Volatile.Read(ref _lastCheck);
            return check != long.MinValue && _clock.GetElapsedTime(check) < _age;
        }
    }

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(SiloFence), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    public void Dispose() => _stop.Dispose();

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await CheckMembershipAsync(cancellationToken);
        _checking = Task.Run(RunAsync, CancellationToken.None);
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _checking.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(_age / ChecksPerAge, _clock);
        while (await NextAsync(timer))
        {
            await CheckMembershipAsync(_stop.Token);
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

    private async Task CheckMembershipAsync(CancellationToken cancellationToken)
    {
        var began = _clock.GetTimestamp();
        try
        {
            var row = await _table.ReadRowAsync(_silo, cancellationToken).WaitAsync(_age, _clock, cancellationToken);
            foreach (var (entry, _) in row.Members)
            {
                if (entry.SiloAddress.Equals(_silo) && entry.Status == SiloStatus.Active)
                {
                    Volatile.Write(ref _lastCheck, began);
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
            LogCheckFailed(_logger, exception);
        }
    }
}
