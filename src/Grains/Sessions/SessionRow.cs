using Orleans.Runtime;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>
/// The row of one session as this activation knows it: its ETag, the last access that it holds, and whether it lags behind what was acknowledged.
/// Each method is one storage call, or two in a fixed order; what a failure means is decided by <see cref="SessionPersistence"/>.
/// </summary>
/// <remarks>
/// The storage answers on the scheduler that asked (see <see cref="BoundedCall"/>), so the awaits on the way of a commit do not ask for it again.
/// </remarks>
internal sealed partial class SessionRow(ISessionActivation activation)
{
    private string? _etag;
    private long _storedAccess;

    /// <summary>Whether there is a row, as far as this activation knows.</summary>
    public bool Exists => _etag is not null;

    /// <summary>Whether this activation wrote the row, rather than only read it.</summary>
    public bool IsOwn { get; private set; }

    /// <summary>Whether changes were acknowledged that the row does not hold.</summary>
    public bool IsDirty { get; set; }

    private SessionGrainServices Services => activation.Services;

    /// <summary>Whether the row lacks changes or accesses.</summary>
    public bool LagsBehind(LiveSession live) => IsDirty || live.LastAccess.UtcTicks > _storedAccess;

    /// <summary>From when on a touch has to be stored, because the last access has run so far ahead of the row.</summary>
    public DateTimeOffset TouchIsDueFrom(LiveSession live) => live.IsVolatile
        ? DateTimeOffset.MaxValue
        : Times.After(new DateTimeOffset(_storedAccess, TimeSpan.Zero), live.Terms.IdleTimeout * Services.Options.TouchFraction);

    public ValueTask<(byte[] Bytes, string? ETag)?> ReadAsync() => Services.Storage.ReadAsync(SessionStorage.SessionState, activation.GrainId);

    /// <summary>A row that cannot be read is left for the operator; the session is gone for its user, who starts a new one.</summary>
    public bool TryDecode(byte[] bytes, out SessionRecord record)
    {
        try
        {
            record = SessionRecordCodec.Decode(bytes);
            return true;
        }
        catch (NotSupportedException exception)
        {
            activation.DeactivateWhenIdle();
            throw new SessionUnavailableException(exception.Message);
        }
        catch (InvalidDataException exception)
        {
            LogBrokenRow(Services.Logger, exception, activation.Id);
            record = default;
            return false;
        }
    }

    /// <summary>Whether what was read is the row that this activation wrote or read last.</summary>
    public bool IsSame(string? etag) => etag == _etag;

    /// <summary>Takes the row that was read for the present one.</summary>
    public void Take(string? etag)
    {
        _etag = etag;
        IsOwn = false;
    }

    /// <summary>Takes over what the row that was read says of the last access.</summary>
    public void TakeAccess(DateTimeOffset access) => _storedAccess = access.UtcTicks;

    /// <summary>Sees that the clean-up finds the row that is about to be inserted.</summary>
    public async Task RegisterAsync()
    {
        try
        {
            await Services.Registration.RegisterAsync(activation.Id);
        }
        catch
        {
            activation.DeactivateWhenIdle();
            throw;
        }
    }

    /// <summary>Inserts or replaces the row.</summary>
    public async ValueTask WriteAsync(SessionState state, DateTimeOffset access) => Stored(await PutAsync(state, access).ConfigureAwait(false), access);

    /// <summary>Begins to insert or replace the row; <see cref="Stored"/> is to be called with the result.</summary>
    public ValueTask<string?> PutAsync(SessionState state, DateTimeOffset access) => PutAsync(SessionRecordCodec.Encode(state, access));

    /// <summary>The row holds a state and an access under a new ETag.</summary>
    public void Stored(string? etag, DateTimeOffset access)
    {
        _etag = etag;
        _storedAccess = access.UtcTicks;
        IsDirty = false;
        IsOwn = true;
    }

    /// <summary>
    /// Gives a session that was volatile its row. An insert that arrives late has no ETag that could be stale, so what is inserted is a
    /// tombstone that is due: alone it is no session, and the session takes its place. It is due on a silo whose clock is behind as well: an
    /// activation that finds it clears it before it says that the session is gone, and what would take its place arrives too late.
    /// </summary>
    /// <remarks>The clean-up may have dropped the id, because it had no row: it is registered again first.</remarks>
    public async ValueTask InsertOverPlaceholderAsync(byte[] placeholder, SessionState state, DateTimeOffset access)
    {
        await Services.Registration.RegisterAsync(activation.Id);
        _etag = await PutAsync(placeholder).ConfigureAwait(false);
        await WriteAsync(state, access).ConfigureAwait(false);
    }

    /// <summary>Makes what <see cref="InsertOverPlaceholderAsync"/> inserts first.</summary>
    public byte[] NewPlaceholder() => SessionRecordCodec.EncodeTombstone(Services.Now - (Services.Options.OperationWindow * 2));

    public async ValueTask WriteTombstoneAsync(DateTimeOffset until) =>
        _etag = await PutAsync(SessionRecordCodec.EncodeTombstone(until)).ConfigureAwait(false);

    public async ValueTask ClearAsync()
    {
        await Services.Storage.ClearAsync(SessionStorage.SessionState, activation.GrainId, _etag).ConfigureAwait(false);
        _etag = null;
    }

    /// <summary>It was found that there is no row any more.</summary>
    public void Forget() => _etag = null;

    private ValueTask<string?> PutAsync(byte[] bytes) => Services.Storage.WriteAsync(SessionStorage.SessionState, activation.GrainId, bytes, _etag);
}
