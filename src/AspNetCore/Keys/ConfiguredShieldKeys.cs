using System.Security.Cryptography;

namespace ServerSession;

/// <summary>A ring that never changes: from the options, or made for this process.</summary>
internal sealed class ConfiguredShieldKeys(ShieldKeyRing ring) : IShieldKeySource
{
    public bool Changes => false;

    public ValueTask<ShieldKeyRing> GetAsync() => new(ring);

    public static ConfiguredShieldKeys FromOptions(IEnumerable<string> keys) =>
        new(new ShieldKeyRing(keys.Select(static text => Always(TryDecode(text, out var secret) ? secret : []))));

    /// <summary>A key nobody else knows: right for a store that ends with the process.</summary>
    public static ConfiguredShieldKeys ForThisProcess() =>
        new(new ShieldKeyRing([Always(RandomNumberGenerator.GetBytes(ShieldKey.MinimumSecretBytes))]));

    public static bool TryDecode(string text, out byte[] secret)
    {
        secret = new byte[64];
        if (!Convert.TryFromBase64String(text, secret, out var length) || length < ShieldKey.MinimumSecretBytes)
        {
            return false;
        }

        Array.Resize(ref secret, length);
        return true;
    }

    private static ShieldKey Always(byte[] secret) => new(secret, DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
}
