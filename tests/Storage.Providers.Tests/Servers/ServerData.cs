using Azure.Storage.Blobs;
using Npgsql;
using ServerSession.LocalCluster.Servers;

namespace ServerSession.Tests.Servers;

/// <summary>Writes and reads one value on a server of any kind, with the client that its Orleans provider uses.</summary>
internal static class ServerData
{
    public static async Task WriteAsync(LocalServer server, string value, CancellationToken cancellation)
    {
        switch (server)
        {
            case RedisServer:
                await using (var redis = await RedisClient.ConnectAsync(server.ConnectionString))
                {
                    await redis.GetDatabase().StringSetAsync("probe", value);
                }

                break;
            case PostgresServer:
                await using (var source = NpgsqlDataSource.Create(server.ConnectionString))
                await using (var command = source.CreateCommand("CREATE TABLE IF NOT EXISTS probe (value text); INSERT INTO probe VALUES ($1)"))
                {
                    command.CommandText = "CREATE TABLE IF NOT EXISTS probe (value text)";
                    await command.ExecuteNonQueryAsync(cancellation);
                    command.CommandText = "INSERT INTO probe VALUES ($1)";
                    command.Parameters.Add(new() { Value = value });
                    await command.ExecuteNonQueryAsync(cancellation);
                }

                break;
            default:
                var container = new BlobContainerClient(server.ConnectionString, "probe");
                await container.CreateIfNotExistsAsync(cancellationToken: cancellation);
                await container.UploadBlobAsync("probe", BinaryData.FromString(value), cancellation);
                break;
        }
    }

    public static async Task<string?> ReadAsync(LocalServer server, CancellationToken cancellation)
    {
        switch (server)
        {
            case RedisServer:
                await using (var redis = await RedisClient.ConnectAsync(server.ConnectionString))
                {
                    return await redis.GetDatabase().StringGetAsync("probe").WaitAsync(cancellation);
                }

            case PostgresServer:
                await using (var source = NpgsqlDataSource.Create(server.ConnectionString))
                await using (var command = source.CreateCommand("SELECT value FROM probe"))
                {
                    return (string?)await command.ExecuteScalarAsync(cancellation);
                }

            default:
                var blob = await new BlobClient(server.ConnectionString, "probe", "probe").DownloadContentAsync(cancellation);
                return blob.Value.Content.ToString();
        }
    }
}
