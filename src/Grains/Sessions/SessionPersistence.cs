using Orleans.Storage;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>
/// Keeps the row of a session in step with what is served: it loads, saves and ends the session, and decides what a write that failed means. Used
/// under the session's lock.
/// </summary>
/// <remarks>
/// After a storage write that failed or timed out, it is not known what is stored: the activation serves nothing more and goes, and the next one
/// reads what there is. Only where it has acknowledged changes that no row holds does it stay, and store them before it serves again.
/// It is a value without state, so a session in memory needs no further object for it.
/// </remarks>
internal readonly partial struct SessionPersistence(SessionLifetime life, SessionRow row)
{
    public SessionLifetime Life => life;

    public SessionRow Row => row;

    private SessionGrainServices Services => life.Services;

    /// <summary>What to keep if the next write is in doubt.</summary>
    private SessionPhase.InDoubt Unsaved => row.IsDirty && life.Phase is LiveSession live
        ? new SessionPhase.InDoubt { Unsaved = live.State, LastAccess = live.LastAccess }
        : SessionPhase.InDoubt.NothingUnsaved;

    /// <summary>Reads the row, and takes the phase that it asks for.</summary>
    public async Task LoadAsync() => await TakeAsync(await row.ReadAsync().ConfigureAwait(false));

    /// <summary>
    /// Whether a row has the id already. A volatile session inserts nothing that a row could refuse, and it may have got a row since: a
    /// delayed duplicate of its create must not start a second one.
    /// </summary>
    public async Task<bool> RowExistsAsync()
    {
        var found = await row.ReadAsync();
        if (found is not null)
        {
            await TakeAsync(found);
        }

        return found is not null;
    }

    /// <summary>Inserts the row of a new session; false where there is one already.</summary>
    public async ValueTask<bool> TryInsertAsync(SessionState state, DateTimeOffset access, bool isIdRegistered)
    {
        if (!isIdRegistered)
        {
            await row.RegisterAsync();
        }

        try
        {
            await row.WriteAsync(state, access);
            return true;
        }
        catch (Exception exception)
        {
            life.SetInDoubt(SessionPhase.InDoubt.NothingUnsaved);
            if (exception is InconsistentStateException)
            {
                return false;
            }

            throw;
        }
    }

    /// <summary>
    /// Stores a change as the durability asks. Changes gather in memory only over a row that this activation wrote: one that it merely read
    /// could yet be replaced by a write that an earlier activation left in doubt, and they would be lost with it.
    /// </summary>
    public ValueTask SaveAsync(LiveSession live, SessionState next, DateTimeOffset access, bool atOnce)
    {
        var terms = next.Snapshot.Terms;
        if (terms.Durability == SessionDurability.Volatile)
        {
            return row.Exists ? ForgetAsync(live, next) : default;
        }

        if (live.IsVolatile)
        {
            var placeholder = row.NewPlaceholder();
            return OwnedAsync(
                row.InsertOverPlaceholderAsync(placeholder, next, access),
                new SessionPhase.InDoubt { Unsaved = next, LastAccess = live.LastAccess, Placeholder = placeholder });
        }

        if (terms.Durability == SessionDurability.WriteBehind && live.Terms == terms && !atOnce && row.IsOwn)
        {
            row.IsDirty = true;
            life.StartFlushTimer(terms.WriteBehindInterval);
            return default;
        }

        return StoreAsync(next, access);
    }

    /// <summary>
    /// Stores a state of the session that this activation owns; a foreign ETag means that it does not any more. Every durable commit waits here, so
    /// it is one method and not <see cref="OwnedAsync"/> of <see cref="SessionRow.WriteAsync"/>.
    /// </summary>
    public async ValueTask StoreAsync(SessionState state, DateTimeOffset access)
    {
        var unsaved = Unsaved;
        try
        {
            row.Stored(await row.PutAsync(state, access).ConfigureAwait(false), access);
            life.StopFlushTimer();
        }
        catch (Exception exception)
        {
            OnWriteFailed(exception, unsaved);
            throw;
        }
    }

    /// <summary>
    /// Ends the session for good. While a delayed duplicate of its create could still be accepted, the row becomes a tombstone that refuses
    /// it; after that the row goes.
    /// </summary>
    public async Task EndAsync(LiveSession live, SessionEndReason reason)
    {
        var createEndsAt = live.State.CreateEndsAt;
        var needsTombstone = Services.Now <= createEndsAt;
        if (row.Exists)
        {
            await OwnedAsync(needsTombstone ? row.WriteTombstoneAsync(createEndsAt) : row.ClearAsync(), Unsaved);
        }

        row.IsDirty = false;
        life.SetEnded(needsTombstone ? createEndsAt : default, reason);
        if (reason is not (SessionEndReason.Subject or SessionEndReason.SubjectLimit))
        {
            Services.Subjects.Forget(life.Id, live.State.Binding);
        }
    }

    /// <summary>Deletes the tombstone when it is due; true when nothing is left of the session.</summary>
    public async ValueTask<bool> ClearTombstoneIfDueAsync()
    {
        if (life.Phase is SessionPhase.Ended { HasTombstone: true } ended)
        {
            if (Services.Now <= ended.TombstoneUntil)
            {
                return false;
            }

            await ClearDueTombstoneAsync();
        }

        return true;
    }

    /// <summary>Stores what the row does not have yet; false if that failed.</summary>
    public async ValueTask<bool> TryFlushAsync()
    {
        try
        {
            if (life.Phase is SessionPhase.InDoubt { Unsaved: not null } write)
            {
                await ResolveInDoubtWriteAsync(write);
            }
            else if (life.Phase is LiveSession { IsVolatile: false } live && row.LagsBehind(live))
            {
                await StoreAsync(live.State, live.LastAccess);
            }

            return true;
        }
        catch (SessionUnavailableException exception)
        {
            Log.FlushFailed(Services.Logger, exception, life.Id);
            return false;
        }
    }

    /// <summary>
    /// Makes certain what became of the write in doubt. Where the row is still the one before it, storing the kept state takes its place:
    /// should it arrive yet, its ETag is a stale one. Otherwise the row has what was acknowledged, or another activation owns it.
    /// </summary>
    public async Task ResolveInDoubtWriteAsync(SessionPhase.InDoubt write)
    {
        var unsaved = write.Unsaved!;
        try
        {
            var found = await row.ReadAsync();
            if (found is null && !row.Exists && write.Placeholder is { } placeholder)
            {
                await row.InsertOverPlaceholderAsync(placeholder, unsaved, write.LastAccess);
                life.SetLive(unsaved, write.LastAccess);
            }
            else if (found is { } present && (row.IsSame(present.ETag) || present.Bytes.AsSpan().SequenceEqual(write.Placeholder)))
            {
                row.Take(present.ETag);
                await row.WriteAsync(unsaved, write.LastAccess);
                life.SetLive(unsaved, write.LastAccess);
            }
            else if (found is null && write.Cleared is { } cleared)
            {
                row.Forget();
                life.SetLive(cleared, write.LastAccess);
            }
            else
            {
                await TakeAsync(found);
            }

            row.IsDirty = false;
        }
        catch (Exception exception)
        {
            life.SetInDoubt(write);
            throw exception as SessionUnavailableException ?? StorageFailure.Create("The session's last write is in doubt still.", exception);
        }
    }

    private async Task TakeAsync((byte[] Bytes, string? ETag)? found)
    {
        if (found is not { } present)
        {
            row.Forget();
            life.SetAbsent();
            return;
        }

        row.Take(present.ETag);
        if (!row.TryDecode(present.Bytes, out var record))
        {
            life.SetEnded();
        }
        else if (record.State is { } state)
        {
            row.TakeAccess(record.LastAccess);
            Services.Epoch.LearnFromRow(state.Epoch);
            life.SetLive(state, record.LastAccess);
        }
        else if (Services.Now <= record.CreateEndsAt)
        {
            life.SetEnded(record.CreateEndsAt);
        }
        else
        {
            await ClearDueTombstoneAsync();
        }
    }

    /// <summary>The session becomes volatile.</summary>
    private async ValueTask ForgetAsync(LiveSession live, SessionState next)
    {
        await OwnedAsync(
            row.ClearAsync(), new SessionPhase.InDoubt { Unsaved = live.State, LastAccess = live.LastAccess, Cleared = next }).ConfigureAwait(false);
        row.IsDirty = false;
    }

    private async Task ClearDueTombstoneAsync()
    {
        if (row.Exists)
        {
            await OwnedAsync(row.ClearAsync(), SessionPhase.InDoubt.NothingUnsaved);
        }

        life.SetEnded();
    }

    /// <summary>Waits for a write of this activation; <paramref name="inDoubt"/> is kept if the write is in doubt.</summary>
    private async ValueTask OwnedAsync(ValueTask write, SessionPhase.InDoubt inDoubt)
    {
        try
        {
            await write.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            OnWriteFailed(exception, inDoubt);
            throw;
        }
    }

    /// <summary>
    /// The activation keeps what only it has until the doubt is resolved, or it goes. Throws where the reason is that another activation has written.
    /// </summary>
    private void OnWriteFailed(Exception exception, SessionPhase.InDoubt inDoubt)
    {
        life.SetInDoubt(exception is SessionUnavailableException ? inDoubt : SessionPhase.InDoubt.NothingUnsaved);
        if (exception is InconsistentStateException)
        {
            throw new SessionUnavailableException("Another activation wrote the session; it is loaded again.");
        }
    }
}
