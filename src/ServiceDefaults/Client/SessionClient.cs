using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;

namespace ServerSession.Hosting;

/// <summary>Makes a host a client of a session cluster.</summary>
public static class SessionClient
{
    /// <summary>
    /// Adds an Orleans client as <c>Orleans:Clustering</c> says. In Development, without that section, it connects to a silo on this machine
    /// at <c>Orleans:Endpoints:GatewayPort</c> (30000 by default).
    /// </summary>
    public static WebApplicationBuilder AddSessionClient(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.UseOrleansClient(client =>
        {
            if (!builder.Configuration.GetSection(OrleansKeys.Clustering).Exists())
            {
                var port = builder.Configuration.GetPort(OrleansKeys.GatewayPort, EndpointOptions.DEFAULT_GATEWAY_PORT);
                client.UseStaticClustering(new IPEndPoint(IPAddress.Loopback, port));
            }

            client.Services.AddSingleton<ClusterConnection>();
            client.Services.AddSingleton<Orleans.IClusterConnectionStatusObserver>(static services => services.GetRequiredService<ClusterConnection>());
            client.UseConnectionRetryFilter<ClusterConnectRetry>();
            client.Services.AddClientTls(builder.Configuration);
        });
        builder.Services.AddHealthChecks().AddCheck<ClusterConnection>("cluster connection", tags: [HealthTags.Ready]);
        builder.Services.AddOptions<SessionClientOptions>().Configure(options =>
        {
            options.ClusteringProvider = builder.Configuration[OrleansKeys.ClusteringProvider];
            options.IsDevelopment = builder.Environment.IsDevelopment();
        }).ValidateOnStart();
        builder.Services.AddSingleton<Microsoft.Extensions.Options.IValidateOptions<SessionClientOptions>, SessionClientOptionsValidator>();
        return builder;
    }
}
