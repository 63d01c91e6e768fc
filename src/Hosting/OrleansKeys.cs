using System.Globalization;
using Microsoft.Extensions.Configuration;
using ServerSession.Grains;

namespace ServerSession.Hosting;

/// <summary>The keys of Orleans' configuration convention that the hosts look at themselves.</summary>
public static class OrleansKeys
{
    public const string Clustering = "Orleans:Clustering";
    public const string ClusteringProvider = "Orleans:Clustering:ProviderType";
    public const string GrainStorage = "Orleans:GrainStorage";
    public const string GrainDirectory = "Orleans:GrainDirectory";
    public const string Reminders = "Orleans:Reminders";
    public const string SessionStorage = "Orleans:GrainStorage:sessions";
    public const string SessionStorageProvider = "Orleans:GrainStorage:sessions:ProviderType";
    public const string SiloPort = "Orleans:Endpoints:SiloPort";
    public const string GatewayPort = "Orleans:Endpoints:GatewayPort";
    public const string AdvertisedIPAddress = "Orleans:Endpoints:AdvertisedIPAddress";
    public const string SiloListeningEndpoint = "Orleans:Endpoints:SiloListeningEndpoint";
    public const string GatewayListeningEndpoint = "Orleans:Endpoints:GatewayListeningEndpoint";

    /// <summary>The configured port, or the default where there is none or it is no number (which validation reports).</summary>
    public static int GetPort(this IConfiguration configuration, string key, int defaultPort) =>
        int.TryParse(configuration[key], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : defaultPort;
}
