using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using ServerSession.Core;

namespace ServerSession.Hosting;

/// <summary>Makes a host a client of a session cluster.</summary>
public static class SessionClient
{
    /// <summary>
    /// How long a frontend may go on using the gateway of a silo that the cluster has declared dead, and how long it keeps away from one that
    /// refused a connection. Orleans' own default is a minute. Each refresh reads the membership table once.
    /// </summary>
    private static readonly TimeSpan GatewayListRefresh = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Adds an Orleans client as <c>Orleans:Clustering</c> says. In Development, without that section, it connects to a silo on this machine
    /// at <c>Orleans:Endpoints:GatewayPort</c> (30000 by default). The host starts without a silo and is not ready until one answers; it tries
    /// again for ever, at the start and whenever it has lost all of them.
    /// </summary>
    /// <exception cref="OptionsValidationException">The configuration has a section of <c>Orleans</c> that only a silo can use, such as <c>Orleans:GrainStorage:sessions</c>.</exception>
    public static WebApplicationBuilder AddSessionClient(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        SiloSections.ThrowIfAny(builder.Configuration);
        var before = builder.Services.Count;
        builder.UseOrleansClient(client =>
        {
            if (!builder.Configuration.GetSection(OrleansKeys.Clustering).Exists())
            {
                var port = builder.Configuration.GetPort(OrleansKeys.GatewayPort, EndpointOptions.DEFAULT_GATEWAY_PORT);
                client.UseStaticClustering(new IPEndPoint(IPAddress.Loopback, port));
            }

            client.Services.AddSingleton<ClusterConnection>();
            client.Services.AddSingleton<IClusterConnection>(static services => services.GetRequiredService<ClusterConnection>());
            client.Services.AddSingleton<IClusterConnectionStatusObserver>(static services => services.GetRequiredService<ClusterConnection>());
            client.UseConnectionRetryFilter<ClusterConnectRetry>();
            client.Services.AddSingleton<IGrainFactory, ConnectedGrainFactory>();
            client.Services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<GatewayOptions>>(
                new ConfigureOptions<GatewayOptions>(static options => options.GatewayListRefreshPeriod = GatewayListRefresh)));
            client.Services.AddClientTls(builder.Configuration);
            if (TelemetryDefaults.IsOn(builder.Configuration))
            {
                client.AddActivityPropagation();
            }
        });
        BackgroundClusterClient.Install(builder.Services, before);
        AzureTokenCredentials.Add(builder.Services, builder.Configuration);
        builder.Services.AddHealthChecks().AddCheck<ClusterConnection>("cluster connection", tags: [HealthTags.Ready]);
        builder.Services.AddOptions<SessionClientOptions>().Configure(options =>
        {
            options.ClusteringProvider = builder.Configuration[OrleansKeys.ClusteringProvider];
            options.IsDevelopment = builder.Environment.IsDevelopment();
        }).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SessionClientOptions>, SessionClientOptionsValidator>();
        return builder;
    }
}
