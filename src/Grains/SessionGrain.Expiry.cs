using ServerSession.Timers;

namespace ServerSession;

/// <summary>The end that comes by itself: an entry in the silo's timing wheel, whose call is an ordinary turn of the grain.</summary>
internal sealed partial class SessionGrain
{
    private static readonly TimeSpan BrokenRowPause = TimeSpan.FromDays(1);

    private ExpiryEntry? _expiry;

    public async ValueTask<ExpiryReply> ExpireIfDueAsync()
    {
        using var releaser = await _lock.EnterAsync();
        DisarmExpiry();
        var wasRead = _phase != Phase.Unread;
        try
        {
            if (await IsLiveAsync())
            {
                // Early where the deadline moved or the clock went back: what was delayed by the clock is delayed again.
                if (IsVolatile)
                {
                    _keptUntil = default;
                }

                Touch(_lastAccess);
                LeaveUnless(wasRead);
                return new ExpiryReply(Gone: false, _state!.Deadline(_lastAccess));
            }

            if (await ClearTombstoneIfDueAsync())
            {
                // A row that cannot be read is still there.
                return _etag is null ? new ExpiryReply(Gone: true, default) : new ExpiryReply(Gone: false, services.Now + BrokenRowPause);
            }

            KeepTombstone();
            LeaveUnless(wasRead);
            return new ExpiryReply(Gone: false, _tombstoneUntil);
        }
        catch (SessionUnavailableException exception)
        {
            LogExpiryFailed(services.Logger, exception, Id);
            if (_phase is Phase.Live or Phase.Ended)
            {
                ArmExpiry(services.Options.StorageTimeout);
            }

            throw;
        }
    }

    /// <summary>Whoever only looks whether a stored session is due does not bring it into memory for longer.</summary>
    private void LeaveUnless(bool wasRead)
    {
        if (!wasRead)
        {
            this.DeactivateOnIdle();
        }
    }

    /// <summary>Sees that the clean-up finds the row that is about to be written.</summary>
    private async Task RegisterAsync()
    {
        try
        {
            await services.Registration.RegisterAsync(Id);
        }
        catch when (_phase is Phase.Unread or Phase.Absent)
        {
            this.DeactivateOnIdle();
            throw;
        }
    }

    /// <summary>From the wheel: not in a turn of this activation, which may be gone. So nothing of it is read but its id.</summary>
    Task IExpiring.ExpireIfDueAsync() => services.Grains.GetGrain<ISessionGrain>(context.GrainId.GetGuidKey()).ExpireIfDueAsync().AsTask();

    /// <summary>The end also of an activation that never became valid, which hears of no deactivation.</summary>
    public void Dispose()
    {
        _leaving = true;
        DisarmExpiry();
        TellDeactivated();
    }

    private void ArmExpiry(TimeSpan due)
    {
        DisarmExpiry();
        if (!_leaving)
        {
            _expiry = new ExpiryEntry(this);
            services.Expiry.Add(_expiry, due);
        }
    }

    private void DisarmExpiry()
    {
        if (_expiry is { } entry)
        {
            services.Expiry.Remove(entry);
            _expiry = null;
        }
    }
}
