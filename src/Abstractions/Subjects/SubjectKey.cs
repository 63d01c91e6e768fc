using System.Globalization;

namespace ServerSession;

/// <summary>
/// Names a user of the application without saying who it is: 128 bits of a keyed hash of the user id, and the key of the subject's grain.
/// </summary>
/// <remarks>
/// It may be stored and logged. Without the cluster's secret nobody finds the user id that it was made of, nor the key of a user id.
/// <c>default</c> names nobody.
/// </remarks>
[GenerateSerializer, Immutable, Alias("ServerSession.SubjectKey")]
public readonly record struct SubjectKey : ISpanFormattable
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 16;

    [Id(0)]
    private readonly Guid _value;

    private SubjectKey(Guid value) => _value = value;

    /// <summary>Whether this is <c>default</c>, which names no subject.</summary>
    public bool IsDefault => _value == Guid.Empty;

    /// <summary>Takes a key from the grain key it is used as.</summary>
    /// <exception cref="ArgumentException"><paramref name="key"/> is empty.</exception>
    public static SubjectKey FromGrainKey(Guid key) =>
        key == Guid.Empty ? throw new ArgumentException("An empty key names no subject.", nameof(key)) : new SubjectKey(key);

    /// <summary>The key of the subject's grain.</summary>
    /// <exception cref="InvalidOperationException">The key is <c>default</c>.</exception>
    public Guid ToGrainKey() =>
        IsDefault ? throw new InvalidOperationException("This SubjectKey is default and names no subject. Use IServerSessionSubjects to make one of a user id.") : _value;

    /// <summary>The key as 32 lower-case hexadecimal digits.</summary>
    public override string ToString() => _value.ToString("N", CultureInfo.InvariantCulture);

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        _value.TryFormat(destination, out charsWritten, "N");

    /// <summary>Writes the key as <see cref="Size"/> bytes, big-endian.</summary>
    public void WriteTo(Span<byte> destination) => _value.TryWriteBytes(destination, bigEndian: true, out _);

    /// <summary>Reads a key from <see cref="Size"/> bytes, big-endian.</summary>
    public static SubjectKey ReadFrom(ReadOnlySpan<byte> source) => new(new Guid(source[..Size], bigEndian: true));
}
