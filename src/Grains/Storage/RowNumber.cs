using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ServerSession.Grains;

/// <summary>Numbers that name rows which a grain keeps beside its own.</summary>
internal static class RowNumber
{
    /// <summary>A random number that names a row, never zero.</summary>
    public static ulong New()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes) | 1;
    }
}
