using Orleans.Runtime;
using Orleans.Storage;

namespace ServerSession.Grains;

/// <summary>Keeps a Data Protection key ring in one row of the session storage.</summary>
[GrainType("session-data-protection-keys")]
internal sealed class DataProtectionKeyGrain(IGrainContext context, SessionStorage storage, SessionClock clock, SiloFence fence) : IGrainBase, IDataProtectionKeyGrain
{
    private const string State = "data-protection-keys";

    /// <summary>
    /// How long the first key may take. Without it, frontends that start together each make one, and one that has read the ring before the last of
    /// them was stored cannot read what that one protects until Data Protection reads the ring again, a day later.
    /// </summary>
    private static readonly TimeSpan MakingTime = TimeSpan.FromSeconds(5);

    private DataProtectionKeys? _ring;
    private string? _etag;
    private Guid _maker;
    private long _makerSince;

    public IGrainContext GrainContext => context;

    public async ValueTask<DataProtectionKeyRing> GetAsync(Guid maker)
    {
        var ring = await LoadAsync();
        return new DataProtectionKeyRing(ring.Elements, ring.Elements.Count == 0 && !MayMake(maker));
    }

    public async ValueTask<DataProtectionKeyOutcome> StoreAsync(DataProtectionKeyElement element, DateTimeOffset notAfter)
    {
        ArgumentNullException.ThrowIfNull(element);
        var ring = await LoadAsync();
        if (ring.Add(element, clock.Time.GetUtcNow()) is not { } next)
        {
            return DataProtectionKeyOutcome.Full;
        }

        return await WriteAsync(next, notAfter);
    }

    public async ValueTask<DataProtectionKeyOutcome> DeleteAsync(Guid[] ids, DateTimeOffset notAfter)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var ring = await LoadAsync();
        return await WriteAsync(ring.Remove(ids, clock.Time.GetUtcNow()), notAfter);
    }

    private async ValueTask<DataProtectionKeys> LoadAsync()
    {
        fence.ThrowIfStale();
        if (_ring is { } ring)
        {
            return ring;
        }

        var row = await storage.ReadAsync(State, context.GrainId);
        try
        {
            ring = row is { } stored ? DataProtectionKeyCodec.Decode(stored.Bytes) : DataProtectionKeys.Empty;
        }
        catch (InvalidDataException exception)
        {
            // Its own type: a frontend reads every exception of ours, and of others only their names.
            throw new SessionUnavailableException(exception.Message);
        }

        _etag = row?.ETag;
        return _ring = ring;
    }

    private async ValueTask<DataProtectionKeyOutcome> WriteAsync(DataProtectionKeys next, DateTimeOffset notAfter)
    {
        if (ReferenceEquals(next, _ring))
        {
            return DataProtectionKeyOutcome.Stored;
        }

        if (clock.Time.GetUtcNow() > notAfter)
        {
            return DataProtectionKeyOutcome.Late;
        }

        try
        {
            _etag = await storage.WriteAsync(State, context.GrainId, DataProtectionKeyCodec.Encode(next), _etag);
            _ring = next;
            return DataProtectionKeyOutcome.Stored;
        }
        catch (Exception exception) when (exception is InconsistentStateException or SessionUnavailableException)
        {
            // The row is unknown now. The caller repeats the change, and a fresh activation merges it into what the storage has.
            _ring = null;
            _etag = null;
            this.DeactivateOnIdle();
            throw exception as SessionUnavailableException
                ?? new SessionUnavailableException("Another activation changed the Data Protection keys; repeat the change.");
        }
    }

    /// <summary>Whether the caller, and nobody else, is to make the first key.</summary>
    private bool MayMake(Guid maker)
    {
        var isTaken = _maker != Guid.Empty && clock.Monotonic.GetElapsedTime(_makerSince) < MakingTime;
        if (isTaken && _maker != maker)
        {
            return false;
        }

        if (maker != Guid.Empty && !isTaken)
        {
            _maker = maker;
            _makerSince = clock.Monotonic.GetTimestamp();
        }

        return true;
    }
}
