using System.Globalization;
using System.Text.Json;

namespace ServerSession.LocalCluster;

/// <summary>
/// The configuration of a member: an appsettings.json in its folder, where connection strings do not stand in the list of processes, and where
/// people can see what makes a cluster.
/// </summary>
public static class MemberSettings
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public static async Task WriteAsync(ClusterState state, Member member, string clusterId, string? connection, string folder, CancellationToken cancellationToken)
    {
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["Urls"] = $"http://127.0.0.1:{Text(member.HttpPort)}",
            ["Orleans:ClusterId"] = clusterId,
            ["Orleans:ServiceId"] = "server-session",
        };
        if (member.Role == MemberRole.WebHost)
        {
            settings["ServerSession:Mode"] = state.Options.Cohosted ? "Embedded" : "Client";
        }

        if (member.SiloPort > 0)
        {
            settings["Orleans:Endpoints:AdvertisedIPAddress"] = "127.0.0.1";
            settings["Orleans:Endpoints:SiloPort"] = Text(member.SiloPort);
            settings["Orleans:Endpoints:GatewayPort"] = Text(member.GatewayPort);
            settings["Orleans:Endpoints:SiloListeningEndpoint"] = $"127.0.0.1:{Text(member.SiloPort)}";
            settings["Orleans:Endpoints:GatewayListeningEndpoint"] = $"127.0.0.1:{Text(member.GatewayPort)}";
        }

        AddStorage(settings, state, member, connection);
        foreach (var (key, value) in state.Options.Settings)
        {
            settings[key] = value;
        }

        await File.WriteAllTextAsync(FileIn(folder), JsonSerializer.Serialize(settings, Json), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Changes the settings of a member that has them already.</summary>
    public static async Task ChangeAsync(string folder, Action<IDictionary<string, string>> change, CancellationToken cancellationToken)
    {
        var file = FileIn(folder);
        var settings = JsonSerializer.Deserialize<SortedDictionary<string, string>>(await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false))!;
        change(settings);
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(settings, Json), cancellationToken).ConfigureAwait(false);
    }

    private static string FileIn(string folder) => Path.Combine(folder, "appsettings.json");

    private static void AddStorage(SortedDictionary<string, string> settings, ClusterState state, Member member, string? connection)
    {
        const string clustering = "Orleans:Clustering";
        const string storage = "Orleans:GrainStorage:sessions";
        if (state.Options.Storage == StorageKind.Sqlite)
        {
            if (member.SiloPort == 0)
            {
                settings[$"{clustering}:ProviderType"] = "Static";
                settings[$"{clustering}:Gateways:0"] = $"127.0.0.1:{Text(state.Members.Single(static other => other.SiloPort > 0).GatewayPort)}";
            }

            return;
        }

        var (membership, rows) = state.Options.Storage switch
        {
            StorageKind.Redis => ("Redis", "Redis"),
            StorageKind.Postgres => ("AdoNet", "AdoNet"),
            StorageKind.Azurite => ("AzureTableStorage", "AzureTableStorage"),
            var other => throw new LocalClusterException($"There is no storage {other}."),
        };
        Add(clustering, membership);
        if (member.SiloPort > 0)
        {
            Add(storage, rows);
        }

        void Add(string section, string provider)
        {
            settings[$"{section}:ProviderType"] = provider;
            settings[$"{section}:ConnectionString"] = connection!;
            if (provider == "AdoNet")
            {
                settings[$"{section}:Invariant"] = "Npgsql";
            }
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
