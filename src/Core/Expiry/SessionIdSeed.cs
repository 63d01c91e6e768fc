using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ServerSession.Core;

/// <summary>
/// Derives session ids from a random seed, so that an index keeps 16 bytes for hundreds of them: id n is AES-128 of the number n (big-endian,
/// 16 bytes) under the seed. They are unique within a seed, and without the seed they look random. The stored index depends on it: it never changes.
/// </summary>
public static class SessionIdSeed
{
    private const int Size = 16;

    /// <summary>Makes a random seed.</summary>
    public static Guid New()
    {
        Span<byte> bytes = stackalloc byte[Size];
        RandomNumberGenerator.Fill(bytes);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The ids of a block, in the order in which they are to be used.</summary>
    public static SessionId[] ToIds(this SessionIdBlock block) => Derive(block.Seed, block.Count);

    /// <summary>The first ids of a seed.</summary>
    public static SessionId[] Derive(Guid seed, int count)
    {
        var key = new byte[Size];
        seed.TryWriteBytes(key, bigEndian: true, out _);
        var numbers = new byte[count * Size];
        for (var number = 0; number < count; number++)
        {
            BinaryPrimitives.WriteInt32BigEndian(numbers.AsSpan((number * Size) + Size - sizeof(int)), number);
        }

        using var aes = Aes.Create();
        aes.Key = key;
        var bytes = aes.EncryptEcb(numbers, PaddingMode.None);
        var ids = new SessionId[count];
        for (var number = 0; number < count; number++)
        {
            ids[number] = SessionId.ReadFrom(bytes.AsSpan(number * Size, Size));
        }

        return ids;
    }
}
