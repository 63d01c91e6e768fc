using System.Runtime.InteropServices;

namespace ServerSession;

/// <summary>
/// The SHA-256 of a verifier: what a frontend shows to a session's grain, and all that is kept of the secret.
/// </summary>
/// <remarks>It cannot be turned back into a token, so storage that leaks gives nobody a session. It still prints as <c>[redacted]</c>.</remarks>
[GenerateSerializer, Immutable, Alias("ServerSession.VerifierHash")]
public readonly struct VerifierHash : IEquatable<VerifierHash>
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 32;

    [Id(0)]
    private readonly ulong _a;

    [Id(1)]
    private readonly ulong _b;

    [Id(2)]
    private readonly ulong _c;

    [Id(3)]
    private readonly ulong _d;

    private VerifierHash(ReadOnlySpan<ulong> words)
    {
        _a = words[0];
        _b = words[1];
        _c = words[2];
        _d = words[3];
    }

    /// <summary>Whether this is <c>default</c>, which is the hash of no verifier.</summary>
    public bool IsDefault => (_a | _b | _c | _d) == 0;

    /// <summary>Compares two hashes in a time that does not depend on where they differ.</summary>
    public bool Equals(VerifierHash other) =>
        ((_a ^ other._a) | (_b ^ other._b) | (_c ^ other._c) | (_d ^ other._d)) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is VerifierHash other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _a.GetHashCode();

    /// <summary>Always <c>[redacted]</c>.</summary>
    public override string ToString() => Redacted.Text;

    /// <summary>Compares in fixed time.</summary>
    public static bool operator ==(VerifierHash left, VerifierHash right) => left.Equals(right);

    /// <summary>Compares in fixed time.</summary>
    public static bool operator !=(VerifierHash left, VerifierHash right) => !left.Equals(right);

    /// <summary>Writes the hash as <see cref="Size"/> bytes.</summary>
    public void WriteTo(Span<byte> destination)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(destination);
        words[0] = _a;
        words[1] = _b;
        words[2] = _c;
        words[3] = _d;
    }

    /// <summary>Reads a hash from <see cref="Size"/> bytes.</summary>
    public static VerifierHash ReadFrom(ReadOnlySpan<byte> source) => new(MemoryMarshal.Cast<byte, ulong>(source[..Size]));
}
