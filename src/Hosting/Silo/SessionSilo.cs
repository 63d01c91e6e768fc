using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using ServerSession.Grains;

namespace ServerSession.Hosting;

/// <summary>Makes a host a silo that owns sessions.</summary>
public static class SessionSilo
{
    private const string FileName = "sessions.db";

    /// <summary>
    /// Adds a silo as the section <c>Orleans</c> says. What it leaves out is a single silo of a development machine, bound to the loopback
    /// address, with its sessions in one SQLite file in <c>ServerSession:DataDirectory</c>.
    /// </summary>
    public static WebApplicationBuilder AddSessionSilo(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var configuration = builder.Configuration;
        var keepsFile = !configuration.GetSection(OrleansKeys.SessionStorage).Exists();
        builder.Services.AddOptions<SessionSiloOptions>()
            .Configure(options =>
            {
                options.DataDirectory = DataDirectory(builder);
                options.KeepsFile = keepsFile;
            })
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SessionSiloOptions>, SessionSiloOptionsValidator>();
        builder.Services.AddSingleton<IValidateOptions<SessionSiloOptions>, SiloEndpointValidator>();
        AddStorageChoice(builder);
        builder.Services.AddHealthChecks()
            .AddCheck<SiloHealthCheck>("silo", tags: [HealthTags.Ready])
            .AddCheck<StorageHealthCheck>("session storage", tags: [HealthTags.Ready]);
        builder.UseOrleans(silo =>
        {
            if (!configuration.GetSection(OrleansKeys.Clustering).Exists())
            {
                silo.UseDevelopmentClustering((IPEndPoint?)null);
                silo.Configure<EndpointOptions>(static endpoints => endpoints.AdvertisedIPAddress ??= IPAddress.Loopback);
            }

            if (keepsFile)
            {
                silo.AddSqliteGrainStorage("sessions", options => options.Path = Path.Combine(DataDirectory(builder), FileName));
            }

            silo.AddServerSession();
            silo.Services.AddSiloTls(configuration);
            silo.AddKubernetes(configuration);
            if (TelemetryDefaults.IsOn(configuration))
            {
                silo.AddActivityPropagation();
            }
        });
        return builder;
    }

    private static void AddStorageChoice(WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        builder.Services.AddOptions<SessionStorageChoice>()
            .Configure(options =>
            {
                options.IsClustered = configuration.GetSection(OrleansKeys.Clustering).Exists();
                options.ClusteringProvider = configuration[OrleansKeys.ClusteringProvider];
                options.ClusteringInvariant = configuration[OrleansKeys.Clustering + ":Invariant"];
                options.StorageProvider = configuration[OrleansKeys.SessionStorageProvider];
                options.StorageInvariant = configuration[OrleansKeys.SessionStorage + ":Invariant"];
            })
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SessionStorageChoice>, SessionStorageChoiceValidator>();
        AzureTokenCredentials.Add(builder.Services, configuration);
    }

    private static string DataDirectory(WebApplicationBuilder builder)
    {
        var configured = builder.Configuration[SessionSiloOptions.DataDirectoryKey];
        return Path.GetFullPath(string.IsNullOrWhiteSpace(configured) ? "data" : configured, builder.Environment.ContentRootPath);
    }
}
