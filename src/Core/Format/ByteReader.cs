using System.Buffers.Binary;

namespace ServerSession.Core;

/// <summary>Reads numbers and runs of bytes. A length is checked against what there is before anything is made of it.</summary>
public ref struct ByteReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _rest = source;

    public readonly bool IsEmpty => _rest.IsEmpty;

    public ulong Varint()
    {
        var read = Core.Varint.Read(_rest, out var value);
        if (read == 0)
        {
            throw FieldReader.Broken();
        }

        _rest = _rest[read..];
        return value;
    }

    public long Signed()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    public uint Fixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    public ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
        {
            throw FieldReader.Broken();
        }

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }
}
