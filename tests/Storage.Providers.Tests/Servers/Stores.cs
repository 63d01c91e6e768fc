namespace ServerSession.Tests.Servers;

/// <summary>The stores that the hosts know, each as the settings that choose it: nothing but configuration.</summary>
public static class Stores
{
    public const string Redis = "Redis";
    public const string Postgres = "AdoNet";
    public const string AzureTable = "AzureTableStorage";
    public const string AzureBlob = "AzureBlobStorage";
    public const string Sqlite = "Sqlite";

    public static TheoryData<string> Shared => [Redis, Postgres, AzureTable, AzureBlob];

    /// <summary>The settings of the grain storage <c>sessions</c> below <c>Orleans:GrainStorage:sessions</c>.</summary>
    public static async Task<Dictionary<string, string?>> StorageAsync(RealServers servers, string store, string folder)
    {
        const string Section = "Orleans:GrainStorage:sessions:";
        Dictionary<string, string?> settings = new() { [Section + "ProviderType"] = store };
        foreach (var (key, value) in await ConnectionAsync(servers, store, folder))
        {
            settings[Section + key] = value;
        }

        return settings;
    }

    /// <summary>The settings of the membership below <c>Orleans:Clustering</c>; blobs have none of their own, so their clusters use the tables beside them.</summary>
    public static async Task<Dictionary<string, string?>> ClusteringAsync(RealServers servers, string store)
    {
        const string Section = "Orleans:Clustering:";
        var provider = store == AzureBlob ? AzureTable : store;
        Dictionary<string, string?> settings = new() { [Section + "ProviderType"] = provider };
        foreach (var (key, value) in await ConnectionAsync(servers, provider, ""))
        {
            settings[Section + key] = value;
        }

        return settings;
    }

    private static async Task<(string Key, string Value)[]> ConnectionAsync(RealServers servers, string store, string folder) => store switch
    {
        // More patience than by default, so that a machine that stands still fails no call.
        Redis => [("ConnectionString", (await servers.RedisAsync()).ConnectionString + ",asyncTimeout=60000,connectTimeout=60000")],
        Postgres => [("Invariant", "Npgsql"), ("ConnectionString", (await servers.PostgresAsync()).ConnectionString + ";Timeout=60;Command Timeout=60")],
        AzureTable or AzureBlob => [("ConnectionString", (await servers.AzuriteAsync()).ConnectionString)],
        _ => [("Path", Path.Combine(folder, "sessions.db"))],
    };
}
