using System.Text;
using System.Text.Unicode;

namespace ServerSession.Storage;

/// <summary>Reads what <see cref="FieldWriter"/> writes. The caller skips a field with an unknown number, or keeps its bytes (<see cref="Raw"/>).</summary>
internal ref struct FieldReader(ReadOnlySpan<byte> source)
{
    private ByteReader _rest = new(source);

    /// <summary>The number of the field read last.</summary>
    public int Field { get; private set; }

    /// <summary>Its number, in the number form; its length in the bytes form.</summary>
    public ulong Value { get; private set; }

    /// <summary>Its bytes, in the bytes form.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>The whole field as it stands in the source, its number and form included.</summary>
    public ReadOnlySpan<byte> Raw { get; private set; }

    /// <summary>Its bytes as text.</summary>
    /// <exception cref="InvalidDataException">The bytes are no UTF-8: two different keys could become one.</exception>
    public readonly string Text => Utf8.IsValid(Bytes) ? Encoding.UTF8.GetString(Bytes) : throw Broken();

    /// <summary>Reads the next field; false at the end.</summary>
    /// <exception cref="InvalidDataException">The source is cut off or not well formed.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var before = _rest.Rest;
        var tag = _rest.Varint();
        Field = tag >> 1 <= int.MaxValue ? (int)(tag >> 1) : throw Broken();
        Value = _rest.Varint();
        Bytes = (tag & 1) == FieldWriter.BytesForm ? _rest.Take(Value) : default;
        Raw = before[..^_rest.Rest.Length];
        return true;
    }

    public static InvalidDataException Broken() => new("The stored form of a session is cut off or not well formed.");
}
