namespace ServerSession.Tests.Storage;

/// <summary>What a caller asks of a store.</summary>
public enum StorageOperationKind
{
    Read,
    Write,
    Clear,
}

/// <summary>One call that reached a <see cref="SharedMemoryStore"/>, as its hooks see it.</summary>
/// <param name="Kind">What is asked.</param>
/// <param name="SiloName">The silo that asks; empty for a storage made without one.</param>
/// <param name="StateName">The name of the state.</param>
/// <param name="GrainId">The grain.</param>
/// <param name="Etag">The caller's ETag; null for an insert, and for reads.</param>
public readonly record struct StorageOperation(
    StorageOperationKind Kind, string SiloName, string StateName, GrainId GrainId, string? Etag);

/// <summary>How many calls reached a store, refused and failed ones included.</summary>
public readonly record struct StorageCounts(long Reads, long Writes, long Clears);
