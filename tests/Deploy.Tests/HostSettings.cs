using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

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
            .. Frontend(configuration), .. Silo(settings),
        ];
    }

    private static IEnumerable<string> Frontend(IConfiguration configuration)
    {
        var services = new ServiceCollection().AddSingleton(configuration);
        services.AddServerSession().UseInMemoryStore();
        using var provider = services.BuildServiceProvider();
        try
        {
            _ = provider.GetRequiredService<IOptions<ServerSessionOptions>>().Value;
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return exception.Failures;
        }
    }

    private static List<string> Silo(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.Where(static pair => pair.Key.StartsWith("ServerSession:", StringComparison.Ordinal)));
        builder.UseOrleans(static silo => silo.UseLocalhostClustering().AddServerSession());
        using var host = builder.Build();
        List<string> faults = [];
        foreach (var validator in host.Services.GetServices<IConfigurationValidator>())
        {
            try
            {
                validator.ValidateConfiguration();
            }
            catch (OrleansConfigurationException exception)
            {
                // The silo's other settings are not in question: it has no storage, for one.
                faults.AddRange(exception.Message.Split(Environment.NewLine).Where(static line => line.StartsWith("ServerSession:", StringComparison.Ordinal)));
            }
        }

        return faults;
    }
}
