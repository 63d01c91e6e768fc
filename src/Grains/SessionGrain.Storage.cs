using Orleans.Runtime;
using Orleans.Storage;
using ServerSession.Core;
using ServerSession.Storage;

namespace ServerSession;

/// <summary>What the grain reads and writes, and what it does when a write is in doubt.</summary>
internal sealed partial class SessionGrain
{
    private DateTimeOffset _storedAccess;
    private DateTimeOffset _tombstoneUntil;
    private bool _dirty;

    private async Task LoadAsync()
    {
        var row = await services.Storage.ReadAsync(SessionStorage.SessionState, context.GrainId);
        if (row is null)
        {
            _phase = Phase.Absent;
            this.DeactivateOnIdle();
            return;
        }

        _etag = row.Value.ETag;
        if (!TryDecode(row.Value.Bytes, out var record))
        {
            _phase = Phase.Ended;
            this.DeactivateOnIdle();
        }
        else if (record.IsTombstone)
        {
            _phase = Phase.Ended;
            _tombstoneUntil = record.CreateEndsAt;
            if (!await ClearTombstoneIfDueAsync())
            {
                KeepTombstone();
            }
        }
        else
        {
            _storedAccess = record.LastAccess;
            TakeOver(record.State!, record.LastAccess);
        }
    }

    /// <summary>A row that cannot be read is left for the operator; the session is gone for its user, who starts a new one.</summary>
    private bool TryDecode(byte[] bytes, out SessionRecord record)
    {
        try
        {
            record = SessionRecordCodec.Decode(bytes);
            return true;
        }
        catch (NotSupportedException exception)
        {
            this.DeactivateOnIdle();
            throw new SessionUnavailableException(exception.Message, exception);
        }
        catch (InvalidDataException exception)
        {
            LogBrokenRow(services.Logger, exception, Id);
            record = default;
            return false;
        }
    }

    private async Task StoreAsDurabilityAsksAsync(SessionState before, SessionState next, DateTimeOffset access, bool rotates)
    {
        var durability = next.Snapshot.Terms.Durability;
        if (durability == SessionDurability.Volatile)
        {
            if (_etag is not null)
            {
                await OwnedAsync(services.Storage.ClearAsync(SessionStorage.SessionState, context.GrainId, _etag));
                _etag = null;
                _dirty = false;
            }
        }
        else if (durability == SessionDurability.WriteBehind && before.Snapshot.Terms.Durability == durability && !rotates)
        {
            _dirty = true;
            ArmFlush(next.Snapshot.Terms.WriteBehindInterval);
        }
        else
        {
            await StoreOwnedAsync(next, access);
        }
    }

    /// <summary>Stores a state of the session that this activation owns; a foreign ETag means that it does not any more.</summary>
    private Task StoreOwnedAsync(SessionState state, DateTimeOffset access) => OwnedAsync(StoreAsync(state, access));

    private async Task OwnedAsync(Task write)
    {
        try
        {
            await write;
        }
        catch (Exception exception) when (exception is InconsistentStateException or SessionUnavailableException)
        {
            Doubt();
            throw exception as SessionUnavailableException
                ?? new SessionUnavailableException("Another activation wrote the session; it is loaded afresh.", exception);
        }
    }

    /// <summary>Inserts or replaces the row. Whatever goes wrong, this activation serves nothing more.</summary>
    private async Task StoreAsync(SessionState state, DateTimeOffset access)
    {
        try
        {
            var bytes = SessionRecordCodec.Encode(state, access);
            _etag = await services.Storage.WriteAsync(SessionStorage.SessionState, context.GrainId, bytes, _etag);
            _storedAccess = access;
            _dirty = false;
        }
        catch
        {
            Doubt();
            throw;
        }
    }

    /// <summary>
    /// Ends the session for good. While a delayed duplicate of its create could still be accepted, the row becomes a tombstone that refuses
    /// it; after that the row goes.
    /// </summary>
    private async Task EndAsync(SessionEndReason reason)
    {
        var createEndsAt = _state!.CreateEndsAt;
        var needsTombstone = services.Now <= createEndsAt;
        if (_etag is not null && needsTombstone)
        {
            await OwnedAsync(WriteTombstoneAsync(createEndsAt));
        }
        else if (_etag is not null)
        {
            await OwnedAsync(services.Storage.ClearAsync(SessionStorage.SessionState, context.GrainId, _etag));
            _etag = null;
        }

        _phase = Phase.Ended;
        _state = null;
        _dirty = false;
        StopTimers();
        if (needsTombstone)
        {
            _tombstoneUntil = createEndsAt;
            KeepTombstone();
        }
        else
        {
            this.DeactivateOnIdle();
        }

        services.Instruments.Ended(reason);
        services.Events.Ended(Id, reason);
    }

    private async Task WriteTombstoneAsync(DateTimeOffset until) =>
        _etag = await services.Storage.WriteAsync(
            SessionStorage.SessionState, context.GrainId, SessionRecordCodec.EncodeTombstone(until), _etag);

    /// <summary>Deletes the tombstone when it is due; true when nothing is left of the session.</summary>
    private async ValueTask<bool> ClearTombstoneIfDueAsync()
    {
        if (_phase == Phase.Ended && _tombstoneUntil > DateTimeOffset.MinValue)
        {
            if (services.Now <= _tombstoneUntil)
            {
                return false;
            }

            if (_etag is not null)
            {
                await OwnedAsync(services.Storage.ClearAsync(SessionStorage.SessionState, context.GrainId, _etag));
                _etag = null;
            }

            _tombstoneUntil = default;
            this.DeactivateOnIdle();
        }

        return true;
    }

    private void Doubt()
    {
        _phase = Phase.InDoubt;
        _state = null;
        StopTimers();
        context.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, "A storage write is in doubt."));
    }
}
