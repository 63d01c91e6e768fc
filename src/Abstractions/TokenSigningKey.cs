using System.ComponentModel;
using System.Security.Cryptography;

namespace ServerSession;

/// <summary>A key that signs tokens with HMAC-SHA256, so that a frontend recognises the tokens of its cluster without a grain call.</summary>
[GenerateSerializer, Immutable, Alias("ServerSession.ShieldKey")]
public sealed class TokenSigningKey
{
    /// <summary>The size of a secret, in bytes: at least 32, at most 64.</summary>
    public const int MinimumSecretBytes = 32;

    private const int MaximumSecretBytes = 64;

    [Id(0)]
    private readonly byte[] _secret;

    /// <summary>Creates a key.</summary>
    /// <param name="secret">32 to 64 random bytes.</param>
    /// <param name="signsFrom">From when on the key signs new tokens (UTC).</param>
    /// <param name="verifiesUntil">Until when the key verifies tokens (UTC).</param>
    /// <exception cref="ArgumentException"><paramref name="secret"/> is shorter than 32 or longer than 64 bytes.</exception>
    public TokenSigningKey(ReadOnlySpan<byte> secret, DateTimeOffset signsFrom, DateTimeOffset verifiesUntil)
    {
        if (secret.Length is < MinimumSecretBytes or > MaximumSecretBytes)
        {
            throw new ArgumentException($"A signing key has {secret.Length} bytes; it must have {MinimumSecretBytes} to {MaximumSecretBytes} random bytes.", nameof(secret));
        }

        _secret = secret.ToArray();
        SignsFrom = signsFrom;
        VerifiesUntil = verifiesUntil;
        Id = IdOf(secret);
    }

    /// <summary>What a token names its key by: 16 bits derived from the secret.</summary>
    [Id(1)]
    public ushort Id { get; }

    /// <summary>From when on the key signs new tokens (UTC).</summary>
    [Id(2)]
    public DateTimeOffset SignsFrom { get; }

    /// <summary>Until when the key verifies tokens (UTC).</summary>
    [Id(3)]
    public DateTimeOffset VerifiesUntil { get; }

    /// <summary>A copy of the secret, for the grain that stores it. It belongs into no log.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public byte[] ExportSecret() => [.. _secret];

    /// <summary>The key's id and times; never its secret.</summary>
    public override string ToString() => $"signing key {Id:x4}, signs from {SignsFrom:u}, verifies until {VerifiesUntil:u}";

    /// <summary>Writes the first bytes of the HMAC-SHA256 of a message, as many as <paramref name="signature"/> takes.</summary>
    public void Sign(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secret, message, full);
        full[..signature.Length].CopyTo(signature);
    }

    private static ushort IdOf(ReadOnlySpan<byte> secret)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, "ServerSession shield key id"u8, hash);
        return (ushort)((hash[0] << 8) | hash[1]);
    }
}
