using System.Text;
using System.Text.Unicode;

namespace ServerSession.Core;

/// <summary>How the value of a field is written, as protobuf numbers it.</summary>
public enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// <summary>
/// Reads what <see cref="FieldWriter"/> writes, and any other protobuf message without groups. The caller skips a field with an unknown number, or keeps it
/// (<see cref="CopyTo"/>).
/// </summary>
/// <param name="source">The message.</param>
/// <param name="isFormat1">Whether its tags are those of format 1: the number times two, plus one where bytes follow.</param>
public ref struct FieldReader(ReadOnlySpan<byte> source, bool isFormat1 = false)
{
    private ByteReader _rest = new(source);
    private WireType _type;

    /// <summary>The number of the field read last.</summary>
    public int Field { get; private set; }

    /// <summary>Its number; its length where it has bytes.</summary>
    public ulong Value { get; private set; }

    /// <summary>Its bytes.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Its bytes as text.</summary>
    /// <exception cref="InvalidDataException">The bytes are no UTF-8: two different keys could become one.</exception>
    public readonly string Text => Utf8.IsValid(Bytes) ? Encoding.UTF8.GetString(Bytes) : throw Broken();

    /// <summary>Its bytes as a message.</summary>
    public readonly FieldReader Message => new(Bytes, isFormat1);

    /// <summary>Reads the next field; false at the end.</summary>
    /// <exception cref="InvalidDataException">The source is cut off or not well formed.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = _rest.Varint();
        var field = isFormat1 ? tag >> 1 : tag >> 3;
        Field = field <= int.MaxValue && (isFormat1 || field > 0) ? (int)field : throw Broken();
        _type = isFormat1 ? (tag & 1) == 0 ? WireType.Varint : WireType.Bytes : (WireType)(tag & 7);
        Value = _type switch
        {
            WireType.Varint or WireType.Bytes => _rest.Varint(),
            WireType.Fixed64 => _rest.Fixed64(),
            WireType.Fixed32 => _rest.Fixed32(),
            _ => throw Broken(),
        };
        Bytes = _type == WireType.Bytes ? _rest.Take(Value) : default;
        return true;
    }

    /// <summary>Writes the field as it was read.</summary>
    public readonly void CopyTo(FieldWriter writer)
    {
        switch (_type)
        {
            case WireType.Varint: writer.Number(Field, Value); break;
            case WireType.Fixed64: writer.Fixed(Field, Value); break;
            case WireType.Fixed32: writer.Fixed32(Field, (uint)Value); break;
            default: writer.Bytes(Field, Bytes); break;
        }
    }

    public static InvalidDataException Broken() => new("The stored form of a session is cut off or not well formed.");
}
