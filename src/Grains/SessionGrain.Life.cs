using Orleans.Runtime;
using ServerSession.Core;
using ServerSession.Events;
using ServerSession.Storage;

namespace ServerSession;

/// <summary>The activation's life: touches, the flush timer, collection, deactivation and migration.</summary>
internal sealed partial class SessionGrain
{
    private const string MigrationKey = "session";

    private static readonly TimeSpan KeepAliveMargin = TimeSpan.FromMinutes(2);

    private IGrainTimer? _flushTimer;
    private DateTimeOffset _keptUntil;
    private volatile bool _leaving;
    private bool _isObserved;

    private bool IsVolatile => _state?.Snapshot.Terms.Durability == SessionDurability.Volatile;

    /// <summary>A session that ended without a row: only this activation refuses a delayed duplicate of its create.</summary>
    private bool HasTombstoneInMemory => _phase == Phase.Ended && _etag is null && services.Now <= _tombstoneUntil;

    public async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _leaving = true;
        using var releaser = await _lock.EnterAsync();
        DisarmExpiry();
        Unpublish();
        if (!await TryFlushAsync() && _inDoubtWrite is not null)
        {
            await TryFlushAsync();
        }

        if (reason.ReasonCode == DeactivationReasonCode.ShuttingDown && (HasTombstoneInMemory || (_phase == Phase.Live && IsVolatile))
            && services.Handover.MayMove(losesSession: _phase == Phase.Live))
        {
            context.Migrate(null, cancellationToken);
        }

        TellDeactivated();
    }

    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        Unpublish();
        if (_phase == Phase.Live && IsVolatile)
        {
            dehydrationContext.TryAddValue(MigrationKey, SessionRecordCodec.Encode(_state!, _lastAccess));
        }
        else if (HasTombstoneInMemory)
        {
            dehydrationContext.TryAddValue(MigrationKey, SessionRecordCodec.EncodeTombstone(_tombstoneUntil));
        }
    }

    public void OnRehydrate(IRehydrationContext rehydrationContext)
    {
        if (!rehydrationContext.TryGetValue<byte[]>(MigrationKey, out var bytes))
        {
            return;
        }

        var record = SessionRecordCodec.Decode(bytes);
        if (record.IsTombstone)
        {
            _phase = Phase.Ended;
            _tombstoneUntil = record.CreateEndsAt;
            KeepTombstone();
        }
        else
        {
            SetLive(record.State!, record.LastAccess);
        }
    }

    /// <summary>Stores what the row does not have yet; false if that failed.</summary>
    private async Task<bool> TryFlushAsync()
    {
        RevokeLocalEntry();
        try
        {
            if (_inDoubtWrite is { } inDoubtWrite)
            {
                await ResolveInDoubtWriteAsync(inDoubtWrite);
            }
            else if (_phase == Phase.Live && !IsVolatile && (_dirty || _lastAccess > _storedAccess))
            {
                await StoreOwnedAsync(_state!, _lastAccess);
            }

            return true;
        }
        catch (SessionUnavailableException exception)
        {
            LogFlushFailed(services.Logger, exception, Id);
            return false;
        }
    }

    /// <summary>Makes a stored, read or migrated state the one that is served.</summary>
    private void SetLive(SessionState state, DateTimeOffset lastAccess)
    {
        _state = state;
        _lastAccess = lastAccess;
        _phase = Phase.Live;
        Touch(lastAccess);
        var observed = new ObservedSession(Id, state, _lastAccess);
        if (!_isObserved)
        {
            _isObserved = true;
            services.Observers.Activated(in observed);
        }
        else
        {
            services.Observers.Changed(in observed);
        }
    }

    private void TellChanges(SessionState before, SessionState next)
    {
        if (next.Snapshot.Version == before.Snapshot.Version)
        {
            return;
        }

        var observed = new ObservedSession(Id, next, _lastAccess);
        if (next.Verifier != before.Verifier)
        {
            services.Observers.Rotated(in observed);
        }

        services.Observers.Changed(in observed);
    }

    private void TellDeactivated()
    {
        if (_isObserved)
        {
            _isObserved = false;
            services.Observers.Deactivated(Id);
        }
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
        else if (!IsVolatile && _keptUntil > DateTimeOffset.MinValue)
        {
            KeepAlive(TimeSpan.Zero);
            _keptUntil = default;
        }

        if (_expiry is null && (IsVolatile || deadline - now <= services.Options.CollectionAge))
        {
            ArmExpiry(deadline - now);
        }
    }

    /// <summary>Whether the last access has run so far ahead of the storage that this touch has to be written.</summary>
    private bool TouchIsDue(DateTimeOffset now) =>
        !IsVolatile && now - _storedAccess >= _state!.Snapshot.Terms.IdleTimeout * services.Options.TouchFraction;

    private void KeepTombstone()
    {
        var rest = _tombstoneUntil - services.Now;
        KeepAlive(rest + KeepAliveMargin);
        ArmExpiry(rest);
    }

    private void KeepAlive(TimeSpan time) => services.Runtime.DelayDeactivation(context, time);

    private void ArmFlush(TimeSpan interval)
    {
        if (!_leaving)
        {
            _flushTimer ??= services.Timers.RegisterGrainTimer(
                context, static (grain, _) => grain.OnFlushAsync(), this, new GrainTimerCreationOptions(interval, Timeout.InfiniteTimeSpan));
        }
    }

    private async Task OnFlushAsync()
    {
        using var releaser = await _lock.EnterAsync();
        StopFlushTimer();
        if (_inDoubtWrite is not null && !services.Fence.IsFresh)
        {
            ArmFlush(services.Options.StorageTimeout);
        }
        else if (_inDoubtWrite is not null || _dirty)
        {
            await TryFlushAsync();
        }
    }

    private void StopTimers()
    {
        DisarmExpiry();
        StopFlushTimer();
    }

    private void StopFlushTimer()
    {
        _flushTimer?.Dispose();
        _flushTimer = null;
    }
}
