using Orleans.Runtime;
using ServerSession.Core;
using ServerSession.Storage;

namespace ServerSession;

/// <summary>The activation's life: touches, timers, collection, deactivation and migration.</summary>
internal sealed partial class SessionGrain
{
    private const string MigrationKey = "session";

    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);
    private static readonly TimeSpan KeepAliveMargin = TimeSpan.FromMinutes(2);

    private IGrainTimer? _timer;
    private IGrainTimer? _flushTimer;
    private DateTimeOffset _keptUntil;

    private bool IsVolatile => _state?.Snapshot.Terms.Durability == SessionDurability.Volatile;

    public async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_phase != Phase.Live || _state is not { } state)
        {
            return;
        }

        if (IsVolatile)
        {
            if (reason.ReasonCode == DeactivationReasonCode.ShuttingDown)
            {
                context.Migrate(null, cancellationToken);
            }
        }
        else if (_dirty || _lastAccess > _storedAccess)
        {
            try
            {
                await StoreAsync(state, _lastAccess);
            }
            catch (Exception exception)
            {
                LogFlushFailed(services.Logger, exception, Id);
            }
        }
    }

    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        if (_phase == Phase.Live && IsVolatile)
        {
            dehydrationContext.TryAddValue(MigrationKey, SessionRecordCodec.Encode(_state!, _lastAccess));
        }
    }

    public void OnRehydrate(IRehydrationContext rehydrationContext)
    {
        if (rehydrationContext.TryGetValue<byte[]>(MigrationKey, out var bytes))
        {
            var record = SessionRecordCodec.Decode(bytes);
            TakeOver(record.State!, record.LastAccess);
        }
    }

    /// <summary>Makes a stored, read or migrated state the one that is served.</summary>
    private void TakeOver(SessionState state, DateTimeOffset lastAccess)
    {
        _state = state;
        _lastAccess = lastAccess;
        _phase = Phase.Live;
        Touch(lastAccess);
    }

    /// <summary>Moves the last access, never backwards, and sees that timer and activation live as long as they have to.</summary>
    private void Touch(DateTimeOffset access)
    {
        if (access > _lastAccess)
        {
            _lastAccess = access;
        }

        var now = services.Now;
        var deadline = _state!.Deadline(_lastAccess);
        if (IsVolatile && deadline + KeepAliveMargin > _keptUntil + KeepAliveMargin / 2)
        {
            KeepAlive(deadline - now + KeepAliveMargin);
            _keptUntil = deadline + KeepAliveMargin;
        }

        if (_timer is null && (IsVolatile || deadline - now <= services.Options.CollectionAge))
        {
            ArmTimer(deadline - now);
        }
    }

    /// <summary>Whether the last access has run so far ahead of the storage that this touch has to be written.</summary>
    private bool TouchIsDue(DateTimeOffset now) =>
        !IsVolatile && now - _storedAccess >= _state!.Snapshot.Terms.IdleTimeout * services.Options.TouchFraction;

    private void KeepTombstone()
    {
        var rest = _tombstoneUntil - services.Now;
        KeepAlive(rest + KeepAliveMargin);
        ArmTimer(rest);
    }

    private void KeepAlive(TimeSpan time) => services.Runtime.DelayDeactivation(context, time);

    private void ArmTimer(TimeSpan due)
    {
        _timer?.Dispose();
        _timer = services.Timers.RegisterGrainTimer(
            context, static (grain, _) => grain.OnTimerAsync(), this, new GrainTimerCreationOptions(Bounded(due), Timeout.InfiniteTimeSpan));
    }

    private void ArmFlush(TimeSpan interval) =>
        _flushTimer ??= services.Timers.RegisterGrainTimer(
            context, static (grain, _) => grain.OnFlushAsync(), this, new GrainTimerCreationOptions(interval, Timeout.InfiniteTimeSpan));

    private async Task OnTimerAsync()
    {
        _timer?.Dispose();
        _timer = null;
        try
        {
            if (await IsLiveAsync())
            {
                Touch(_lastAccess);
            }
            else if (!await ClearTombstoneIfDueAsync())
            {
                KeepTombstone();
            }
        }
        catch (SessionUnavailableException exception)
        {
            LogTimerFailed(services.Logger, exception, Id);
            if (_phase == Phase.Live)
            {
                ArmTimer(services.Options.StorageTimeout);
            }
        }
    }

    private async Task OnFlushAsync()
    {
        _flushTimer?.Dispose();
        _flushTimer = null;
        if (_phase != Phase.Live || !_dirty)
        {
            return;
        }

        try
        {
            await StoreOwnedAsync(_state!, _lastAccess);
        }
        catch (SessionUnavailableException exception)
        {
            LogFlushFailed(services.Logger, exception, Id);
        }
    }

    private void StopTimers()
    {
        _timer?.Dispose();
        _timer = null;
        _flushTimer?.Dispose();
        _flushTimer = null;
    }

    private static TimeSpan Bounded(TimeSpan due) =>
        due < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : due > LongestTimer ? LongestTimer : due;
}
