#pragma warning disable ORLEANS0014 // The storage answers in the turn that asked: see the remarks.
using Orleans.Runtime;
using Orleans.Storage;
using ServerSession.Core;
using ServerSession.Storage;

namespace ServerSession;

/// <summary>What the grain reads and writes, and what it does when a write is in doubt.</summary>
/// <remarks>
/// The storage answers in the turn that asked (see <see cref="BoundedCall"/>), so the awaits on the way of a commit do not ask for the grain's
/// scheduler again.
/// </remarks>
internal sealed partial class SessionGrain
{
    private DateTimeOffset _storedAccess;
    private DateTimeOffset _tombstoneUntil;
    private bool _dirty;
    private bool _rowIsOwn;
    private InDoubtWrite? _inDoubtWrite;

    private async Task LoadAsync() =>
        await TakeRowAsync(await services.Storage.ReadAsync(SessionStorage.SessionState, context.GrainId).ConfigureAwait(false));

    /// <summary>
    /// Whether a row has the id already. A volatile session inserts nothing that a row could refuse, and it may have got a row since: a
    /// delayed duplicate of its create must not start a second one.
    /// </summary>
    private async Task<bool> RowExistsAsync()
    {
        var row = await services.Storage.ReadAsync(SessionStorage.SessionState, context.GrainId);
        if (row is not null)
        {
            await TakeRowAsync(row);
        }

        return row is not null;
    }

    private async Task TakeRowAsync((byte[] Bytes, string? ETag)? row)
    {
        if (row is null)
        {
            _phase = Phase.Absent;
            this.DeactivateOnIdle();
            return;
        }

        _etag = row.Value.ETag;
        _rowIsOwn = false;
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
            SetLive(record.State!, record.LastAccess);
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
            throw new SessionUnavailableException(exception.Message);
        }
        catch (InvalidDataException exception)
        {
            LogBrokenRow(services.Logger, exception, Id);
            record = default;
            return false;
        }
    }

    /// <summary>
    /// Stores a change as the durability asks. Changes gather in memory only over a row that this activation wrote: one that it merely read
    /// could yet be replaced by a write that an earlier activation left in doubt, and they would be lost with it.
    /// </summary>
    private ValueTask StoreAsDurabilityAsksAsync(SessionState before, SessionState next, DateTimeOffset access, bool atOnce)
    {
        var durability = next.Snapshot.Terms.Durability;
        if (durability == SessionDurability.Volatile)
        {
            return _etag is null ? default : ForgetRowAsync(before, next);
        }

        if (IsVolatile)
        {
            var placeholder = SessionRecordCodec.EncodeTombstone(services.Now - services.Options.OperationWindow * 2);
            return OwnedAsync(InsertAsync(placeholder, next, access), new InDoubtWrite(next, Placeholder: placeholder));
        }

        if (durability == SessionDurability.WriteBehind && before.Snapshot.Terms == next.Snapshot.Terms && !atOnce && _rowIsOwn)
        {
            _dirty = true;
            ArmFlush(next.Snapshot.Terms.WriteBehindInterval);
            return default;
        }

        return StoreOwnedAsync(next, access);
    }

    /// <summary>The session becomes volatile.</summary>
    private async ValueTask ForgetRowAsync(SessionState before, SessionState next)
    {
        await OwnedAsync(ClearRowAsync(), new InDoubtWrite(before, Cleared: next)).ConfigureAwait(false);
        _dirty = false;
    }

    /// <summary>What was acknowledged and stands in no row.</summary>
    private InDoubtWrite? Unsaved => _dirty ? new InDoubtWrite(_state!) : null;

    /// <summary>
    /// Stores a state of the session that this activation owns; a foreign ETag means that it does not any more. This is <see cref="OwnedAsync"/> of
    /// <see cref="WriteAsync"/> in one method, because every durable commit waits here.
    /// </summary>
    private async ValueTask StoreOwnedAsync(SessionState state, DateTimeOffset access)
    {
        var inDoubtWrite = Unsaved;
        try
        {
            Stored(await PutAsync(state, access).ConfigureAwait(false), access);
        }
        catch (Exception exception)
        {
            OnWriteFailed(exception, inDoubtWrite);
            throw;
        }
    }

    /// <summary>Waits for a write of this activation.</summary>
    /// <param name="write">The write.</param>
    /// <param name="inDoubtWrite">What to keep if the write is in doubt; null if the row has all that was acknowledged.</param>
    private async ValueTask OwnedAsync(ValueTask write, InDoubtWrite? inDoubtWrite)
    {
        try
        {
            await write.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            OnWriteFailed(exception, inDoubtWrite);
            throw;
        }
    }

    /// <summary>
    /// After a write that failed: the activation keeps what only it has until the doubt is settled, or it goes. Throws where the reason is that
    /// another activation has written.
    /// </summary>
    private void OnWriteFailed(Exception exception, InDoubtWrite? inDoubtWrite)
    {
        if (exception is SessionUnavailableException && inDoubtWrite is not null)
        {
            EnterInDoubt(inDoubtWrite);
            return;
        }

        DeactivateInDoubt();
        if (exception is InconsistentStateException)
        {
            throw new SessionUnavailableException("Another activation wrote the session; it is loaded again.");
        }
    }

    /// <summary>Inserts or replaces the row.</summary>
    private async ValueTask WriteAsync(SessionState state, DateTimeOffset access) =>
        Stored(await PutAsync(state, access).ConfigureAwait(false), access);

    private ValueTask<string?> PutAsync(SessionState state, DateTimeOffset access) =>
        services.Storage.WriteAsync(SessionStorage.SessionState, context.GrainId, SessionRecordCodec.Encode(state, access), _etag);

    private void Stored(string? etag, DateTimeOffset access)
    {
        _etag = etag;
        _storedAccess = access;
        _dirty = false;
        _rowIsOwn = true;
        StopFlushTimer();
    }

    /// <summary>
    /// Gives a session that was volatile its row. An insert that arrives late has no ETag that could be stale, so what is inserted is a
    /// tombstone that is due: alone it is no session, and the session takes its place. It is due on a silo whose clock is behind as well: an
    /// owner that finds it clears it before it says that the session is gone, and what would take its place arrives too late.
    /// </summary>
    /// <remarks>The clean-up may have dropped the id, because it had no row: it is registered again first.</remarks>
    private async ValueTask InsertAsync(byte[] placeholder, SessionState state, DateTimeOffset access)
    {
        await RegisterAsync();
        _etag = await services.Storage.WriteAsync(SessionStorage.SessionState, context.GrainId, placeholder, _etag).ConfigureAwait(false);
        await WriteAsync(state, access).ConfigureAwait(false);
    }

    private async ValueTask ClearRowAsync()
    {
        await services.Storage.ClearAsync(SessionStorage.SessionState, context.GrainId, _etag).ConfigureAwait(false);
        _etag = null;
    }

    /// <summary>
    /// Stays in doubt with what only this activation has. It serves nothing, and its timer or the next call settles the doubt.
    /// </summary>
    private void EnterInDoubt(InDoubtWrite inDoubtWrite)
    {
        _phase = Phase.InDoubt;
        _state = null;
        _inDoubtWrite = inDoubtWrite;
        StopTimers();
        KeepAlive(KeepAliveMargin);
        _keptUntil = default;
        ArmFlush(services.Options.StorageTimeout);
    }

    /// <summary>
    /// Makes certain what became of the write in doubt. Where the row is still the one before it, storing the kept state takes its place:
    /// should it arrive yet, its ETag is a stale one. Otherwise the row has what was acknowledged, or another activation owns it.
    /// </summary>
    private async Task ResolveInDoubtWriteAsync(InDoubtWrite inDoubtWrite)
    {
        try
        {
            var row = await services.Storage.ReadAsync(SessionStorage.SessionState, context.GrainId);
            if (row is null && _etag is null && inDoubtWrite.Placeholder is { } placeholder)
            {
                await InsertAsync(placeholder, inDoubtWrite.Unsaved, _lastAccess);
                SetLive(inDoubtWrite.Unsaved, _lastAccess);
            }
            else if (row is { } found && (found.ETag == _etag || found.Bytes.AsSpan().SequenceEqual(inDoubtWrite.Placeholder)))
            {
                _etag = found.ETag;
                await WriteAsync(inDoubtWrite.Unsaved, _lastAccess);
                SetLive(inDoubtWrite.Unsaved, _lastAccess);
            }
            else if (row is null && inDoubtWrite.Cleared is { } cleared)
            {
                _etag = null;
                SetLive(cleared, _lastAccess);
            }
            else
            {
                _phase = Phase.Unread;
                await TakeRowAsync(row);
            }

            _inDoubtWrite = null;
            _dirty = false;
        }
        catch (Exception exception)
        {
            EnterInDoubt(inDoubtWrite);
            throw exception as SessionUnavailableException ?? StorageFailure.Create("The session's last write is in doubt still.", exception);
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
            await OwnedAsync(WriteTombstoneAsync(createEndsAt), Unsaved);
        }
        else if (_etag is not null)
        {
            await OwnedAsync(ClearRowAsync(), Unsaved);
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

        _isObserved = false;
        services.Observers.Ended(Id, reason);
    }

    private async ValueTask WriteTombstoneAsync(DateTimeOffset until) =>
        _etag = await services.Storage.WriteAsync(
            SessionStorage.SessionState, context.GrainId, SessionRecordCodec.EncodeTombstone(until), _etag).ConfigureAwait(false);

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
                await OwnedAsync(ClearRowAsync(), null);
            }

            _tombstoneUntil = default;
            this.DeactivateOnIdle();
        }

        return true;
    }

    private void DeactivateInDoubt()
    {
        _phase = Phase.InDoubt;
        _state = null;
        StopTimers();
        context.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, "A storage write is in doubt."));
    }

    /// <summary>What only this activation has while a write is in doubt.</summary>
    /// <param name="Unsaved">What to store before anything is served again.</param>
    /// <param name="Cleared">What to serve if the write turns out to have cleared the row.</param>
    /// <param name="Placeholder">What the write inserts first where there was no row.</param>
    private sealed record InDoubtWrite(SessionState Unsaved, SessionState? Cleared = null, byte[]? Placeholder = null);
}
