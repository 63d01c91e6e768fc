using System.Buffers.Binary;

namespace ServerSession.Core;

/// <summary>Which shard of the clean-up index an id belongs to. The number of shards never changes: stored indexes depend on it.</summary>
public static class ExpiryShards
{
    /// <summary>The number of shards that know sessions.</summary>
    public const int Count = 64;

    /// <summary>The shards after those of the sessions: they know the lists of subjects, by the same rules.</summary>
    public const int SubjectCount = 16;

    /// <summary>The number of all shards.</summary>
    public const int All = Count + SubjectCount;

    /// <summary>The most ids that one call may reserve.</summary>
    public const int MaximumBlock = 1024;

    /// <summary>The shard that registers an id which came from elsewhere; a reserved id stands in the shard that gave it out.</summary>
    public static long Of(SessionId id) => (long)(Number(id) % Count);

    /// <summary>The shard that registers the list of a subject, whose key it takes for an id.</summary>
    public static long OfSubject(SessionId key) => Count + (long)(Number(key) % SubjectCount);

    /// <summary>Whether a shard knows subjects.</summary>
    public static bool IsOfSubjects(long shard) => shard >= Count;

    private static ulong Number(SessionId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.WriteTo(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }
}
