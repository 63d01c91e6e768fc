using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace ServerSession;

/// <summary>What parsing a token found.</summary>
public enum TokenStatus
{
    /// <summary>The text is no token of this cluster: wrong length, alphabet, format or shield.</summary>
    Invalid = 0,

    /// <summary>The text has the form of a token, but the ring has no such key (any more, or yet).</summary>
    UnknownKey = 1,

    /// <summary>The shield is right. Whether the session lives, only its grain knows.</summary>
    Valid = 2,
}

/// <summary>
/// What a cookie carries: which session (<see cref="Id"/>), and the proof of owning it (<see cref="Verifier"/>).
/// </summary>
/// <remarks>
/// 51 bytes in 68 characters of base64url (RFC 4648, section 5), so that every token has exactly one spelling:
/// <code>
/// token  = format(1, 0x01) key-id(2, big-endian) session-id(16) verifier(16) shield(16)
/// shield = first 16 bytes of HMAC-SHA256(shield key, format .. verifier)
/// </code>
/// The shield makes strangers cheap (law 8): a made-up token costs one HMAC and no grain call. The verifier makes stolen storage
/// and stolen shield keys worthless. A token prints as <c>[redacted]</c>.
/// </remarks>
public readonly struct SessionToken
{
    /// <summary>The length of an encoded token, in characters.</summary>
    public const int EncodedLength = 68;

    private const byte Format = 1;
    private const int KeyIdOffset = 1;
    private const int IdOffset = 3;
    private const int VerifierOffset = 19;
    private const int ShieldOffset = 35;
    private const int ByteLength = 51;

    /// <summary>Creates the token of a session.</summary>
    /// <exception cref="ArgumentException"><paramref name="id"/> is <c>default</c>.</exception>
    public SessionToken(SessionId id, SessionVerifier verifier)
    {
        if (id.IsDefault)
        {
            throw new ArgumentException("A default SessionId names no session.", nameof(id));
        }

        Id = id;
        Verifier = verifier;
    }

    /// <summary>The session the token is for.</summary>
    public SessionId Id { get; }

    /// <summary>The secret.</summary>
    public SessionVerifier Verifier { get; }

    /// <summary>Makes a token for a new session.</summary>
    public static SessionToken New() => new(SessionId.New(), SessionVerifier.New());

    /// <summary>Reads a token strictly and checks its shield: any text but the one canonical spelling is not a token.</summary>
    public static TokenStatus Parse(ReadOnlySpan<char> text, ShieldKeyRing keys, DateTimeOffset now, out SessionToken token) =>
        Parse(text, keys, now, out token, out _);

    /// <summary>As the public one, with the key that the shield is right under.</summary>
    internal static TokenStatus Parse(ReadOnlySpan<char> text, ShieldKeyRing keys, DateTimeOffset now, out SessionToken token, out ShieldKey? key)
    {
        ArgumentNullException.ThrowIfNull(keys);
        token = default;
        key = null;
        if (text.Length != EncodedLength)
        {
            return TokenStatus.Invalid;
        }

        // The decoder passes over white space and padding, but 68 characters give 51 bytes only when every one is of the alphabet.
        // Its form with a status is the one that does not throw for what is outside the alphabet.
        Span<byte> bytes = stackalloc byte[ByteLength];
        var status = Base64Url.DecodeFromChars(text, bytes, out _, out var written);
        if (status != OperationStatus.Done || written != ByteLength || bytes[0] != Format)
        {
            return TokenStatus.Invalid;
        }

        key = keys.Find(BinaryPrimitives.ReadUInt16BigEndian(bytes[KeyIdOffset..]), now);
        if (key is null)
        {
            return TokenStatus.UnknownKey;
        }

        Span<byte> shield = stackalloc byte[ByteLength - ShieldOffset];
        key.Sign(bytes[..ShieldOffset], shield);
        if (!CryptographicOperations.FixedTimeEquals(shield, bytes[ShieldOffset..]))
        {
            return TokenStatus.Invalid;
        }

        var id = SessionId.ReadFrom(bytes[IdOffset..VerifierOffset]);
        if (id.IsDefault)
        {
            return TokenStatus.Invalid;
        }

        token = new SessionToken(id, SessionVerifier.ReadFrom(bytes[VerifierOffset..ShieldOffset]));
        return TokenStatus.Valid;
    }

    /// <summary>The token's one spelling under a key. The result is the secret itself: it belongs into Set-Cookie and nowhere else.</summary>
    /// <exception cref="InvalidOperationException">The token is <c>default</c>.</exception>
    public string Encode(ShieldKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (Id.IsDefault)
        {
            throw new InvalidOperationException("This SessionToken is default and names no session. Use SessionToken.New() or the token of a session.");
        }

        Span<byte> bytes = stackalloc byte[ByteLength];
        bytes[0] = Format;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[KeyIdOffset..], key.Id);
        Id.WriteTo(bytes[IdOffset..]);
        Verifier.WriteTo(bytes[VerifierOffset..]);
        key.Sign(bytes[..ShieldOffset], bytes[ShieldOffset..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Always <c>[redacted]</c>.</summary>
    public override string ToString() => Redacted.Text;
}
