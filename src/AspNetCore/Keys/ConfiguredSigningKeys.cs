using System.Security.Cryptography;

namespace ServerSession.AspNetCore;

/// <summary>A ring that never changes: from the options, or made for this process.</summary>
internal sealed class ConfiguredSigningKeys(TokenSigningKeyRing ring) : ISigningKeySource
{
    public bool Changes => false;

    public ValueTask<TokenSigningKeyRing> GetAsync() => new(ring);

    public static ConfiguredSigningKeys FromOptions(IEnumerable<string> keys) =>
        new(new TokenSigningKeyRing(keys.Select(static text => Always(TryDecode(text, out var secret) ? secret : []))));

    /// <summary>A key nobody else knows: right for a store that ends with the process.</summary>
    public static ConfiguredSigningKeys ForThisProcess() =>
        new(new TokenSigningKeyRing([Always(RandomNumberGenerator.GetBytes(TokenSigningKey.MinimumSecretBytes))]));

    public static bool TryDecode(string text, out byte[] secret)
    {
        secret = new byte[64];
        if (!Convert.TryFromBase64String(text, secret, out var length) || length < TokenSigningKey.MinimumSecretBytes)
        {
            return false;
        }

        Array.Resize(ref secret, length);
        return true;
    }

    private static TokenSigningKey Always(byte[] secret) => new(secret, DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
}
