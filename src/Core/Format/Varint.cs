namespace ServerSession.Core;

/// <summary>Unsigned LEB128.</summary>
public static class Varint
{
    public const int MaximumSize = 10;

    public static int Size(ulong value)
    {
        var size = 1;
        while ((value >>= 7) != 0)
        {
            size++;
        }

        return size;
    }

    public static int Write(Span<byte> destination, ulong value)
    {
        var index = 0;
        while (value >= 0x80)
        {
            destination[index++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[index++] = (byte)value;
        return index;
    }

    /// <summary>Writes a number near zero, of either sign, in few bytes.</summary>
    public static int WriteSigned(Span<byte> destination, long value) => Write(destination, (ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Reads a number; returns how many bytes it took, 0 where there is none or it has more than 64 bits.</summary>
    public static int Read(ReadOnlySpan<byte> source, out ulong value)
    {
        value = 0;
        for (var index = 0; index < source.Length && index < MaximumSize; index++)
        {
            value |= (ulong)(source[index] & 0x7F) << (7 * index);
            if (source[index] < 0x80)
            {
                // The tenth byte carries one bit only.
                return index == MaximumSize - 1 && source[index] > 1 ? 0 : index + 1;
            }
        }

        return 0;
    }
}
