using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ServerSession;

/// <summary>
/// The secret half of a <see cref="SessionToken"/>: 128 random bits that only the web tier and the user agent know.
/// </summary>
/// <remarks>Only its <see cref="VerifierHash"/> leaves the web tier (guarantee: the token is a secret). It prints as <c>[redacted]</c>.</remarks>
public readonly struct SessionVerifier : IEquatable<SessionVerifier>
{
    internal const int Size = 16;

    private readonly UInt128 _value;

    private SessionVerifier(UInt128 value) => _value = value;

    /// <summary>Makes a new verifier from the operating system's cryptographic random source.</summary>
    public static SessionVerifier New()
    {
        Span<byte> bytes = stackalloc byte[Size];
        RandomNumberGenerator.Fill(bytes);
        return ReadFrom(bytes);
    }

    /// <summary>The SHA-256 of the verifier: what the session's grain keeps and compares.</summary>
    public VerifierHash Hash()
    {
        Span<byte> bytes = stackalloc byte[Size];
        WriteTo(bytes);
        Span<byte> hash = stackalloc byte[VerifierHash.Size];
        SHA256.HashData(bytes, hash);
        return VerifierHash.ReadFrom(hash);
    }

    /// <summary>Compares two verifiers in a time that does not depend on where they differ.</summary>
    public bool Equals(SessionVerifier other) =>
        CryptographicOperations.FixedTimeEquals(Bytes(in _value), Bytes(in other._value));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SessionVerifier other && Equals(other);

    /// <summary>Not supported: a hash code would put bits of the secret into collections.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override int GetHashCode() => throw new NotSupportedException("A session verifier is a secret and has no hash code.");

    /// <summary>Always <c>[redacted]</c>.</summary>
    public override string ToString() => "[redacted]";

    /// <summary>Compares in fixed time.</summary>
    public static bool operator ==(SessionVerifier left, SessionVerifier right) => left.Equals(right);

    /// <summary>Compares in fixed time.</summary>
    public static bool operator !=(SessionVerifier left, SessionVerifier right) => !left.Equals(right);

    internal void WriteTo(Span<byte> destination) => Bytes(in _value).CopyTo(destination);

    /// <summary>Reads a verifier from its 16 bytes.</summary>
    public static SessionVerifier ReadFrom(ReadOnlySpan<byte> source) => new(MemoryMarshal.Read<UInt128>(source));

    private static ReadOnlySpan<byte> Bytes(ref readonly UInt128 value) =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in value));
}
