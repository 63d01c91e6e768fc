using ServerSession.LocalCluster.Servers;

namespace ServerSession.LocalCluster;

/// <summary>The servers behind the storages.</summary>
public static class StorageServers
{
    /// <summary>Gets the names of all servers.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<StorageKind>().Select(NameOf).OfType<string>()];

    /// <summary>The name of the server that a storage needs; null if it needs none.</summary>
    public static string? NameOf(StorageKind storage) => storage switch
    {
        StorageKind.Sqlite => null,
        StorageKind.Redis => "redis",
        StorageKind.Postgres => "postgres",
        StorageKind.Azurite => "azurite",
        _ => throw new LocalClusterException($"There is no storage {storage}."),
    };

    /// <summary>Starts a server on a free port, with the data that its folder holds.</summary>
    public static async Task<LocalServer> StartAsync(string name, string folder, CancellationToken cancellationToken) => name switch
    {
        "redis" => await RedisServer.StartAsync(folder, null, cancellationToken).ConfigureAwait(false),
        "postgres" => await PostgresServer.StartAsync(folder, null, cancellationToken).ConfigureAwait(false),
        "azurite" => await AzuriteServer.StartAsync(folder, null, cancellationToken).ConfigureAwait(false),
        _ => throw new LocalClusterException($"There is no server {name}."),
    };
}
