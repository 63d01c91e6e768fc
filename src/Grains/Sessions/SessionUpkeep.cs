using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>
/// What happens to a session without a request: its deadline passes, what it gathered is stored, its activation leaves or moves. One for all
/// sessions of a silo.
/// </summary>
internal sealed partial class SessionUpkeep(SessionGrainServices services)
{
    private static readonly TimeSpan BrokenRowPause = TimeSpan.FromDays(1);

    /// <summary>Ends the session if it is due. Called by the timing wheel and by the clean-up.</summary>
    public async ValueTask<ExpiryReply> ExpireIfDueAsync(SessionInstance session)
    {
        using var releaser = await session.EnterAsync();
        var life = session.Life;
        life.DisarmExpiry();
        var wasRead = life.Phase is not SessionPhase.Unread;
        try
        {
            if (await session.FindLiveAsync() is { } live)
            {
                life.Renew(live);
                LeaveUnless(wasRead, life);
                return new ExpiryReply(Gone: false, live.Deadline);
            }

            if (await session.Persistence.ClearTombstoneIfDueAsync())
            {
                // A row that cannot be read is still there.
                return session.Persistence.Row.Exists
                    ? new ExpiryReply(Gone: false, services.Now + BrokenRowPause)
                    : new ExpiryReply(Gone: true, default);
            }

            var tombstoneUntil = ((SessionPhase.Ended)life.Phase).TombstoneUntil;
            life.KeepTombstone(tombstoneUntil);
            LeaveUnless(wasRead, life);
            return new ExpiryReply(Gone: false, tombstoneUntil);
        }
        catch (SessionUnavailableException exception)
        {
            LogExpiryFailed(services.Logger, exception, life.Id);
            if (life.Phase is LiveSession or SessionPhase.Ended)
            {
                life.ArmExpiry(services.Options.StorageTimeout);
            }

            throw;
        }
    }

    /// <summary>The flush timer has fired: stores what was gathered, or resolves a write in doubt.</summary>
    public async Task FlushAsync(SessionInstance session)
    {
        using var releaser = await session.EnterAsync();
        var life = session.Life;
        life.StopFlushTimer();
        var isInDoubt = life.Phase is SessionPhase.InDoubt { Unsaved: not null };
        if (isInDoubt && !services.Fence.IsFresh)
        {
            life.StartFlushTimer(services.Options.StorageTimeout);
        }
        else if (isInDoubt || session.Persistence.Row.IsDirty)
        {
            session.RevokeLocalEntry();
            await session.Persistence.TryFlushAsync();
        }
    }

    /// <summary>The activation leaves: from its first line on nothing is published, and what the row lacks is stored.</summary>
    /// <returns>What is lost unless it moves to another silo (see <see cref="Unstored"/>).</returns>
    public async Task<SessionPhase?> DeactivateAsync(SessionInstance session)
    {
        session.Life.BeginLeaving();
        using var releaser = await session.EnterAsync();
        session.Life.DisarmExpiry();
        session.Unpublish();
        if (!await session.Persistence.TryFlushAsync() && session.Life.Phase is SessionPhase.InDoubt { Unsaved: not null })
        {
            await session.Persistence.TryFlushAsync();
        }

        session.Life.Leave();
        return Unstored(session);
    }

    /// <summary>What is carried to another silo; null where the row has all.</summary>
    public byte[]? Dehydrate(SessionInstance session)
    {
        session.Unpublish();
        return Unstored(session) switch
        {
            LiveSession live => SessionRecordCodec.Encode(live.State, live.LastAccess),
            SessionPhase.Ended ended => SessionRecordCodec.EncodeTombstone(ended.TombstoneUntil),
            _ => null,
        };
    }

    /// <summary>Takes over what another silo carried here.</summary>
    public static void Rehydrate(SessionInstance session, byte[] bytes)
    {
        var record = SessionRecordCodec.Decode(bytes);
        if (record.State is { } state)
        {
            session.Life.SetLive(state, record.LastAccess);
        }
        else
        {
            session.Life.SetEnded(record.CreateEndsAt);
        }
    }

    /// <summary>
    /// What only the activation has: a volatile session, or that a session ended, where only this activation refuses a delayed duplicate of its create.
    /// </summary>
    private SessionPhase? Unstored(SessionInstance session) => session.Life.Phase switch
    {
        LiveSession { IsVolatile: true } live => live,
        SessionPhase.Ended { HasTombstone: true } ended when !session.Persistence.Row.Exists && services.Now <= ended.TombstoneUntil => ended,
        _ => null,
    };

    /// <summary>Whoever only looks whether a stored session is due does not bring it into memory for longer.</summary>
    private static void LeaveUnless(bool wasRead, SessionLifetime life)
    {
        if (!wasRead)
        {
            life.DeactivateWhenIdle();
        }
    }
}
