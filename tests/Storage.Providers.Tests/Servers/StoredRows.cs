using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace ServerSession.Tests.Servers;

/// <summary>Counts what a store really has of one service, with the store's own client.</summary>
public static class StoredRows
{
    public static async Task<long> CountAsync(RealServers servers, string store, string service, string folder, string? state = null) => await CountAsync(
        store,
        store switch
        {
            Stores.Redis => (await servers.RedisAsync()).ConnectionString,
            Stores.Postgres => (await servers.PostgresAsync()).ConnectionString,
            Stores.AzureTable or Stores.AzureBlob => (await servers.AzuriteAsync()).ConnectionString,
            _ => $"Data Source={Path.Combine(folder, "sessions.db")};Mode=ReadOnly;Pooling=False",
        },
        service,
        state);

    /// <summary>The rows of one service, or of one state name of it.</summary>
    public static async Task<long> CountAsync(string store, string connection, string service, string? state = null)
    {
        switch (store)
        {
            case Stores.Redis:
                await using (var redis = await RedisClient.ConnectAsync(connection))
                {
                    return await redis.GetServer(redis.GetEndPoints()[0]).KeysAsync(pattern: $"{service}/state/*{(state is null ? "" : "/" + state)}").LongCountAsync();
                }

            case Stores.Postgres:
                await using (var source = NpgsqlDataSource.Create(connection))
                await using (var command = source.CreateCommand("SELECT count(*) FROM OrleansStorage WHERE ServiceId = $1 AND ($2::text IS NULL OR GrainTypeString = $2)"))
                {
                    command.Parameters.Add(new() { Value = service });
                    command.Parameters.Add(new() { Value = (object?)state ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
                    return (long)(await command.ExecuteScalarAsync())!;
                }

            case Stores.AzureTable:
                var table = new TableClient(connection, "OrleansGrainState");
                return await table.QueryAsync<TableEntity>($"PartitionKey ge '{service}_' and PartitionKey lt '{service}`'{(state is null ? "" : $" and RowKey eq '{state}'")}", select: ["RowKey"]).LongCountAsync();

            case Stores.AzureBlob:
                var container = new BlobContainerClient(connection, "grainstate");
                return await container.GetBlobsAsync(Azure.Storage.Blobs.Models.BlobTraits.None, Azure.Storage.Blobs.Models.BlobStates.None, $"{service}/{(state is null ? "" : state + "-")}", default).LongCountAsync();

            default:
                await using (var file = new SqliteConnection(connection))
                {
                    await file.OpenAsync();
                    await using var command = file.CreateCommand();
                    command.CommandText = "SELECT count(*) FROM grain_state";
                    return (long)(await command.ExecuteScalarAsync())!;
                }
        }
    }
}
