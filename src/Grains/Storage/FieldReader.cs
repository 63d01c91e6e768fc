using System.Text;
using ServerSession.Core;

namespace ServerSession.Storage;

/// <summary>Reads what <see cref="FieldWriter"/> writes. A field with an unknown number is passed over by its caller.</summary>
internal ref struct FieldReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _rest = source;

    /// <summary>The number of the field read last.</summary>
    public int Field { get; private set; }

    /// <summary>Its number, in the number form; its length in the bytes form.</summary>
    public ulong Value { get; private set; }

    /// <summary>Its bytes, in the bytes form.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public readonly string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>Reads the next field; false at the end.</summary>
    /// <exception cref="InvalidDataException">The source is cut off or not well formed.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = Raw();
        Field = (int)(tag >> 1);
        Value = Raw();
        Bytes = default;
        if ((tag & 1) == FieldWriter.BytesForm)
        {
            if (Value > (ulong)_rest.Length)
            {
                throw Broken();
            }

            Bytes = _rest[..(int)Value];
            _rest = _rest[(int)Value..];
        }

        return true;
    }

    public static InvalidDataException Broken() => new("The stored form of a session is cut off or not well formed.");

    private ulong Raw()
    {
        var read = Varint.Read(_rest, out var value);
        if (read == 0)
        {
            throw Broken();
        }

        _rest = _rest[read..];
        return value;
    }
}
