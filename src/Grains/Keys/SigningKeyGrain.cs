using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Storage;

namespace ServerSession.Grains;

/// <summary>Keeps the ring of a cluster in the session storage. A key is stored before anybody learns it.</summary>
[GrainType("session-shield-keys")]
internal sealed class SigningKeyGrain(
    IGrainContext context, SessionStorage storage, SessionClock clock, SiloFence fence, IOptions<SessionGrainOptions> options) : IGrainBase, ISigningKeyGrain
{
    private const string State = "shield-keys";

    private TokenSigningKeyRing? _ring;
    private string? _etag;

    public IGrainContext GrainContext => context;

    public async ValueTask<TokenSigningKeyRing> GetAsync()
    {
        fence.ThrowIfStale();
        if (_ring is null && await storage.ReadAsync(State, context.GrainId) is { } row)
        {
            _etag = row.ETag;
            _ring = SigningKeyRingCodec.Decode(row.Bytes);
        }

        var next = SigningKeyRotation.Next(_ring, clock.Time.GetUtcNow(), options.Value.SigningKeyRotation);
        if (ReferenceEquals(next, _ring))
        {
            return next;
        }

        try
        {
            _etag = await storage.WriteAsync(State, context.GrainId, SigningKeyRingCodec.Encode(next), _etag);
            return _ring = next;
        }
        catch (Exception exception) when (exception is InconsistentStateException or SessionUnavailableException)
        {
            _ring = null;
            _etag = null;
            this.DeactivateOnIdle();
            throw exception as SessionUnavailableException
                ?? new SessionUnavailableException("Another activation changed the signing keys; ask again.");
        }
    }
}
