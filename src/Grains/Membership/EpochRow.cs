using Orleans.Runtime;

namespace ServerSession.Grains;

/// <summary>The stored epoch of the cluster: one row, made by the first end of all sessions.</summary>
internal sealed class EpochRow(SessionStorage storage)
{
    public const string State = "session-epoch";

    private const byte Version = 1;

    private static readonly GrainId Id = GrainId.Create(ClusterSessionsGrain.TypeName, GrainIdKeyExtensions.CreateIntegerKey(0).ToString()!);

    /// <exception cref="SessionUnavailableException">The storage cannot be read, or the row is of a newer version.</exception>
    public async Task<(long Epoch, string? ETag)> ReadAsync()
    {
        if (await storage.ReadAsync(State, Id) is not { } row)
        {
            return (0, null);
        }

        return row.Bytes.Length == 1 + sizeof(long) && row.Bytes[0] == Version
            ? (BitConverter.ToInt64(row.Bytes, 1), row.ETag)
            : throw new SessionUnavailableException("The stored epoch of the cluster has an unknown format. Update this silo, or restore the row.");
    }

    public async Task WriteAsync(long epoch, string? etag) => await storage.WriteAsync(State, Id, [Version, .. BitConverter.GetBytes(epoch)], etag);
}
