using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace ServerSession;

/// <summary>What parsing a token found.</summary>
public enum TokenStatus
{
    /// <summary>The text is no token of this cluster: wrong length, alphabet, format or signature.</summary>
    Invalid = 0,

    /// <summary>The text has the form of a token, but the ring has no such key (any more, or yet).</summary>
    UnknownKey = 1,

    /// <summary>The signature is right. Whether the session lives, only its grain knows.</summary>
    Valid = 2,
}

/// <summary>
/// What a cookie carries: which session (<see cref="Id"/>), and the proof of owning it (<see cref="Verifier"/>).
/// </summary>
/// <remarks>
/// 51 bytes in 68 characters of base64url (RFC 4648, section 5), so that every token has exactly one spelling:
/// <code>
/// token  = format(1, 0x01) key-id(2, big-endian) session-id(16) verifier(16) signature(16)
/// signature = first 16 bytes of HMAC-SHA256(signing key, format .. verifier)
/// </code>
/// The signature keeps requests without a valid token cheap: a made-up token costs one HMAC and no grain call. The verifier makes stolen storage
/// and stolen signing keys worthless. A token prints as <c>[redacted]</c>.
/// </remarks>
public readonly struct SessionToken
{
    /// <summary>The length of an encoded token, in characters.</summary>
    public const int EncodedLength = 68;

    private const byte Format = 1;
    private const int KeyIdOffset = 1;
    private const int IdOffset = 3;
    private const int VerifierOffset = 19;
    private const int SignatureOffset = 35;
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

    /// <summary>Reads a token strictly and checks its signature: any text but the one canonical spelling is not a token.</summary>
    public static TokenStatus Parse(ReadOnlySpan<char> text, TokenSigningKeyRing keys, DateTimeOffset now, out SessionToken token) =>
        Parse(text, keys, now, out token, out _);

    /// <summary>Reads a token strictly, checks its signature, and tells which key made it: any text but the one canonical spelling is not a token.</summary>
    public static TokenStatus Parse(ReadOnlySpan<char> text, TokenSigningKeyRing keys, DateTimeOffset now, out SessionToken token, out TokenSigningKey? key)
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

        Span<byte> signature = stackalloc byte[ByteLength - SignatureOffset];
        key.Sign(bytes[..SignatureOffset], signature);
        if (!CryptographicOperations.FixedTimeEquals(signature, bytes[SignatureOffset..]))
        {
            return TokenStatus.Invalid;
        }

        var id = SessionId.ReadFrom(bytes[IdOffset..VerifierOffset]);
        if (id.IsDefault)
        {
            return TokenStatus.Invalid;
        }

        token = new SessionToken(id, SessionVerifier.ReadFrom(bytes[VerifierOffset..SignatureOffset]));
        return TokenStatus.Valid;
    }

    /// <summary>The token's one spelling under a key. The result is the secret itself: it belongs into Set-Cookie and nowhere else.</summary>
    /// <exception cref="InvalidOperationException">The token is <c>default</c>.</exception>
    public string Encode(TokenSigningKey key)
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
        key.Sign(bytes[..SignatureOffset], bytes[SignatureOffset..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Always <c>[redacted]</c>.</summary>
    public override string ToString() => "[redacted]";
}
