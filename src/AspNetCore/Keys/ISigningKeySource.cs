namespace ServerSession.AspNetCore;

/// <summary>Where the signing keys come from.</summary>
internal interface ISigningKeySource
{
    /// <summary>Whether the ring may change: then it is read again from time to time.</summary>
    bool Changes { get; }

    /// <summary>Reads the ring.</summary>
    /// <exception cref="SessionUnavailableException">It cannot be read now.</exception>
    ValueTask<TokenSigningKeyRing> GetAsync();
}
