namespace ServerSession;

/// <summary>The signing keys in force: immutable. Every key in it verifies; the newest whose time has come signs.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.ShieldKeyRing")]
public sealed class TokenSigningKeyRing
{
    [Id(0)]
    private readonly TokenSigningKey[] _keys;

    /// <summary>Creates a ring.</summary>
    /// <param name="keys">At least one key. Keys that sign from the same time are preferred in this order.</param>
    /// <exception cref="ArgumentException">There is no key, or two keys have the same <see cref="TokenSigningKey.Id"/>.</exception>
    public TokenSigningKeyRing(IEnumerable<TokenSigningKey> keys)
    {
        _keys = keys.ToArray();
        if (_keys.Length == 0)
        {
            throw new ArgumentException("A signing key ring needs at least one key.", nameof(keys));
        }

        if (_keys.DistinctBy(static key => key.Id).Count() != _keys.Length)
        {
            throw new ArgumentException("Two signing keys have the same id: a key is listed twice, or two keys collide. Remove one and generate another.", nameof(keys));
        }
    }

    /// <summary>The keys.</summary>
    public IReadOnlyList<TokenSigningKey> Keys => _keys;

    /// <summary>
    /// The key that signs new tokens at a time: the newest that signs and verifies then. Where there is none, the first key.
    /// </summary>
    public TokenSigningKey SigningKey(DateTimeOffset now)
    {
        TokenSigningKey? best = null;
        foreach (var key in _keys)
        {
            if (key.SignsFrom <= now && key.VerifiesUntil > now && (best is null || key.SignsFrom > best.SignsFrom))
            {
                best = key;
            }
        }

        return best ?? _keys[0];
    }

    /// <summary>The key with an id, if it verifies at a time.</summary>
    public TokenSigningKey? Find(ushort id, DateTimeOffset now)
    {
        foreach (var key in _keys)
        {
            if (key.Id == id)
            {
                return key.VerifiesUntil > now ? key : null;
            }
        }

        return null;
    }
}
