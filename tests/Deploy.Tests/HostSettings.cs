using Microsoft.Extensions.Configuration;
using ServerSession.Hosting;

namespace ServerSession.Tests;

/// <summary>The settings that the two hosts read, as environment variables.</summary>
internal static class HostSettings
{
    /// <summary>Settings that are read one by one, or by Orleans and its providers, or by the framework.</summary>
    private static readonly string[] Known =
    [
        "Orleans:ClusterId", "Orleans:ServiceId", "Orleans:Clustering:ProviderType", "Orleans:Clustering:ConnectionString",
        "Orleans:GrainStorage:sessions:ProviderType", "Orleans:GrainStorage:sessions:ConnectionString",
        "ASPNETCORE_URLS", "ASPNETCORE_FORWARDEDHEADERS_ENABLED", "POD_NAME", "POD_NAMESPACE", "POD_IP",
    ];

    /// <summary>What is wrong with the settings of a container: unknown names, and values that the options do not take.</summary>
    public static IReadOnlyList<string> Faults(IReadOnlyDictionary<string, string?> variables)
    {
        var settings = variables.ToDictionary(static pair => pair.Key.Replace("__", ":", StringComparison.Ordinal), static pair => pair.Value);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        return
        [
            .. settings.Keys.Where(static key => !key.StartsWith("ServerSession:", StringComparison.Ordinal) && !Known.Contains(key)).Select(static key => $"{key} is no setting of the hosts."),
            .. new SettingsCheck("ServerSession", [typeof(ServerSessionOptions), typeof(SessionGrainOptions)], ["Mode", "DataDirectory", "SigningKeys", "Tls", "Kubernetes", "DrainDelay"]).Run(configuration),
            .. new SettingsCheck("ServerSession:Tls", [typeof(SessionTlsOptions)], []).Run(configuration),
        ];
    }
}
