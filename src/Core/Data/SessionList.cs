using System.Diagnostics.CodeAnalysis;

namespace ServerSession.Core;

/// <summary>The framing of <see cref="SessionValueKind.List"/>: each item is its length (LEB128) and that many bytes.</summary>
public static class SessionList
{
    public const int MaximumItems = 10_000;

    public static int Count(ReadOnlySpan<byte> list)
    {
        var count = 0;
        while (TryReadItem(ref list, out _))
        {
            count++;
        }

        return count;
    }

    /// <summary>Makes sure that a list is well formed.</summary>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public static void ThrowIfMalformed(ReadOnlySpan<byte> list) => Count(list);

    /// <summary>Appends an item and drops the oldest over <paramref name="maximumItems"/>.</summary>
    public static byte[] Append(ReadOnlySpan<byte> list, ReadOnlySpan<byte> item, int maximumItems, out int count)
    {
        count = Count(list) + 1;
        for (; count > maximumItems; count--)
        {
            TryReadItem(ref list, out _);
        }

        var result = new byte[list.Length + Varint.Size((ulong)item.Length) + item.Length];
        list.CopyTo(result);
        var end = list.Length + Varint.Write(result.AsSpan(list.Length), (ulong)item.Length);
        item.CopyTo(result.AsSpan(end));
        return result;
    }

    public static List<ReadOnlyMemory<byte>> Items(ReadOnlyMemory<byte> list)
    {
        var items = new List<ReadOnlyMemory<byte>>();
        var rest = list.Span;
        while (TryReadItem(ref rest, out var length))
        {
            items.Add(list.Slice(list.Length - rest.Length - length, length));
        }

        return items;
    }

    private static bool TryReadItem(ref ReadOnlySpan<byte> rest, out int length)
    {
        length = 0;
        if (rest.IsEmpty)
        {
            return false;
        }

        var read = Varint.Read(rest, out var value);
        if (read == 0 || value > (ulong)(rest.Length - read))
        {
            ThrowBroken();
        }

        length = (int)value;
        rest = rest[(read + length)..];
        return true;
    }

    [DoesNotReturn]
    private static void ThrowBroken() => throw new InvalidDataException("A list value of the session is not well formed.");
}
