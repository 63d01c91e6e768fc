using System.Buffers.Binary;

namespace ServerSession;

/// <summary>Which shard of the clean-up index an id belongs to. The number of shards never changes: stored indexes depend on it.</summary>
internal static class ExpiryShards
{
    public const int Count = 64;

    /// <summary>The most ids that one call may reserve.</summary>
    public const int MaximumBlock = 1024;

    /// <summary>The shard that registers an id which came from elsewhere; a reserved id stands in the shard that gave it out.</summary>
    public static long Of(SessionId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.WriteTo(bytes);
        return (long)(BinaryPrimitives.ReadUInt64BigEndian(bytes) % Count);
    }
}
