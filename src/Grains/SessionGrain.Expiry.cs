using ServerSession.Timers;

namespace ServerSession;

/// <summary>The end that comes by itself: an entry in the silo's timing wheel, whose call is an ordinary turn of the grain.</summary>
internal sealed partial class SessionGrain
{
    private ExpiryEntry? _expiry;

    public async ValueTask<ExpiryReply> ExpireIfDueAsync()
    {
        using var turn = await _turn.EnterAsync();
        DisarmExpiry();
        try
        {
            if (await IsLiveAsync())
            {
                // Early where the deadline moved or the clock went back: what was delayed by the clock is delayed anew.
                if (IsVolatile)
                {
                    _keptUntil = default;
                }

                Touch(_lastAccess);
                return new ExpiryReply(Gone: false, _state!.Deadline(_lastAccess));
            }

            if (await ClearTombstoneIfDueAsync())
            {
                return new ExpiryReply(Gone: true, default);
            }

            KeepTombstone();
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

    /// <summary>From the wheel: not in a turn of this activation, which may be gone. So nothing of it is read but its id.</summary>
    Task IExpiring.ExpireIfDueAsync() => services.Grains.GetGrain<ISessionGrain>(context.GrainId.GetGuidKey()).ExpireIfDueAsync().AsTask();

    /// <summary>The end also of an activation that never became valid, which hears of no deactivation.</summary>
    public void Dispose()
    {
        _leaving = true;
        DisarmExpiry();
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
