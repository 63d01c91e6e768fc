namespace ServerSession;

/// <summary>
/// Makes, keeps and rotates the signing keys of a cluster that has none in its configuration. One grain, with key 0.
/// </summary>
[Alias("ServerSession.IShieldKeyGrain"), GrainInterfaceType("ServerSession.IShieldKeyGrain")]
public interface ISigningKeyGrain : IGrainWithIntegerKey
{
    /// <summary>The ring as stored, made or rotated first where that is due.</summary>
    /// <exception cref="SessionUnavailableException">The storage cannot be reached; the ring is unknown.</exception>
    [Alias("get"), ResponseTimeout("00:00:05")]
    ValueTask<TokenSigningKeyRing> GetAsync();
}
