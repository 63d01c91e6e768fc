using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ServerSession.Core;

/// <summary>Writes numbered fields in protobuf's layout: a tag of number and wire type, then a varint, eight bytes, or a length and that many bytes.</summary>
public readonly ref struct FieldWriter(ArrayBufferWriter<byte> output)
{
    public void Number(int field, ulong value)
    {
        Tag(field, WireType.Varint);
        Raw(value);
    }

    public void Number(int field, long value) => Number(field, (ulong)value);

    /// <summary>Writes a number of which all bits are used, in eight bytes.</summary>
    public void Fixed(int field, ulong value)
    {
        Tag(field, WireType.Fixed64);
        BinaryPrimitives.WriteUInt64LittleEndian(output.GetSpan(sizeof(ulong)), value);
        output.Advance(sizeof(ulong));
    }

    public void Fixed32(int field, uint value)
    {
        Tag(field, WireType.Fixed32);
        BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(sizeof(uint)), value);
        output.Advance(sizeof(uint));
    }

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Begin(field, value.Length);
        output.Write(value);
    }

    public void Text(int field, string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Begin(field, length);
        output.Advance(Encoding.UTF8.GetBytes(value, output.GetSpan(length)));
    }

    /// <summary>Begins a field of bytes, whose <paramref name="size"/> bytes are written next.</summary>
    public void Begin(int field, int size)
    {
        Tag(field, WireType.Bytes);
        Raw((ulong)size);
    }

    /// <summary>Writes fields that were written before.</summary>
    public void Fields(ReadOnlySpan<byte> fields) => output.Write(fields);

    public static int NumberSize(int field, ulong value) => TagSize(field) + Varint.Size(value);

    public static int BytesSize(int field, int length) => TagSize(field) + Varint.Size((ulong)length) + length;

    private static int TagSize(int field) => Varint.Size((ulong)field << 3);

    private void Tag(int field, WireType type) => Raw(((ulong)field << 3) | (ulong)type);

    private void Raw(ulong value) => output.Advance(Varint.Write(output.GetSpan(Varint.MaximumSize), value));
}
