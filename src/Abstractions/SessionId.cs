using System.Globalization;
using System.Security.Cryptography;

namespace ServerSession;

/// <summary>
/// The public identity of a session: 128 random bits, and the key of its grain.
/// </summary>
/// <remarks>
/// An id opens nothing: the secret of a session is the verifier in its session token. An id may therefore be logged,
/// shown to administrators and used to destroy a session. <c>default</c> is not an id and is rejected wherever one is asked for.
/// </remarks>
[GenerateSerializer, Immutable, Alias("ServerSession.SessionId")]
public readonly record struct SessionId : ISpanFormattable
{
    [Id(0)]
    private readonly Guid _value;

    private SessionId(Guid value) => _value = value;

    /// <summary>Whether this is <c>default</c>, which names no session.</summary>
    public bool IsDefault => _value == Guid.Empty;

    /// <summary>Makes a new id from the operating system's cryptographic random source.</summary>
    public static SessionId New()
    {
        Span<byte> bytes = stackalloc byte[16];
        do
        {
            RandomNumberGenerator.Fill(bytes);
        }
        while (new Guid(bytes, bigEndian: true) == Guid.Empty);
        return new SessionId(new Guid(bytes, bigEndian: true));
    }

    /// <summary>Takes an id from the grain key it is used as.</summary>
    /// <exception cref="ArgumentException"><paramref name="key"/> is empty.</exception>
    public static SessionId FromGrainKey(Guid key) =>
        key == Guid.Empty ? throw new ArgumentException("An empty key names no session.", nameof(key)) : new SessionId(key);

    /// <summary>The key of the session's grain.</summary>
    /// <exception cref="InvalidOperationException">The id is <c>default</c>.</exception>
    public Guid ToGrainKey() =>
        IsDefault ? throw new InvalidOperationException("This SessionId is default and names no session. Use SessionId.New() or the id of a session.") : _value;

    /// <summary>Reads the 32 hexadecimal digits that <see cref="ToString()"/> writes; any other spelling is refused.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SessionId id)
    {
        // Guid's own parser passes over white space around the digits.
        if (text.Length == 32 && Guid.TryParseExact(text, "N", out var value) && value != Guid.Empty && !text.ContainsAnyInRange('A', 'F'))
        {
            id = new SessionId(value);
            return true;
        }

        id = default;
        return false;
    }

    /// <summary>The id as 32 lower-case hexadecimal digits.</summary>
    public override string ToString() => _value.ToString("N", CultureInfo.InvariantCulture);

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        _value.TryFormat(destination, out charsWritten, "N");

    /// <summary>Writes the id as 16 bytes, big-endian.</summary>
    public void WriteTo(Span<byte> destination) => _value.TryWriteBytes(destination, bigEndian: true, out _);

    /// <summary>Reads an id from 16 bytes, big-endian.</summary>
    public static SessionId ReadFrom(ReadOnlySpan<byte> source) => new(new Guid(source, bigEndian: true));
}
