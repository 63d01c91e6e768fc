using System.Security.Cryptography;

namespace ServerSession;

/// <summary>Names one operation, so that its grain applies it once however often the message arrives.</summary>
/// <remarks>Unique, not secret: a random number of the process and a counter.</remarks>
[GenerateSerializer, Immutable, Alias("ServerSession.OperationId")]
public readonly record struct OperationId([property: Id(0)] ulong Source, [property: Id(1)] ulong Sequence)
{
    private static readonly ulong ProcessSource = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private static ulong _last;

    /// <summary>Makes a new operation id.</summary>
    public static OperationId New() => new(ProcessSource, Interlocked.Increment(ref _last));
}
