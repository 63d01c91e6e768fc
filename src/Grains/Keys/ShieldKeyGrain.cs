using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Storage;
using ServerSession.Storage;

namespace ServerSession;

/// <summary>Keeps the ring of a cluster in the session storage. A key is stored before anybody learns it.</summary>
[GrainType("session-shield-keys")]
internal sealed class ShieldKeyGrain(
    IGrainContext context, SessionStorage storage, SessionClock clock, SiloFence fence, IOptions<SessionGrainOptions> options) : IGrainBase, IShieldKeyGrain
{
    private const string State = "shield-keys";

    private ShieldKeyRing? _ring;
    private string? _etag;

    public IGrainContext GrainContext => context;

    public async ValueTask<ShieldKeyRing> GetAsync()
    {
        fence.Demand();
        if (_ring is null && await storage.ReadAsync(State, context.GrainId) is { } row)
        {
            _etag = row.ETag;
            _ring = ShieldKeyRingCodec.Decode(row.Bytes);
        }

        var next = ShieldKeyRotation.Next(_ring, clock.Time.GetUtcNow(), options.Value.ShieldKeyRotation);
        if (ReferenceEquals(next, _ring))
        {
            return next;
        }

        try
        {
            _etag = await storage.WriteAsync(State, context.GrainId, ShieldKeyRingCodec.Encode(next), _etag);
            return _ring = next;
        }
        catch (Exception exception) when (exception is InconsistentStateException or SessionUnavailableException)
        {
            _ring = null;
            _etag = null;
            this.DeactivateOnIdle();
            throw exception as SessionUnavailableException
                ?? new SessionUnavailableException("Another activation changed the shield keys; ask again.");
        }
    }
}
