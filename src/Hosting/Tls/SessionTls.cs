using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;

namespace ServerSession.Hosting;

/// <summary>Adds TLS to the Orleans connections of a host, as <see cref="SessionTlsOptions"/> says.</summary>
public static class SessionTls
{
    /// <summary>For a silo: connections from and to other silos, and from frontends.</summary>
    public static void AddSiloTls(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, PlainTcpWarning>();
        if (AddTls(services, configuration, isSilo: true))
        {
            services.AddOptions<SiloConnectionOptions>().Configure<ClusterTls>(static (connections, tls) =>
            {
                connections.ConfigureSiloInboundConnection(connection => connection.UseServerTls(tls.Options));
                connections.ConfigureGatewayInboundConnection(connection => connection.UseServerTls(tls.Options));
                connections.ConfigureSiloOutboundConnection(connection => connection.UseClientTls(tls.Options));
            });
        }
    }

    /// <summary>For a client of the cluster: its connections to gateways.</summary>
    public static void AddClientTls(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<ILifecycleParticipant<IClusterClientLifecycle>, PlainTcpClientWarning>();
        if (AddTls(services, configuration, isSilo: false))
        {
            services.AddOptions<ClientConnectionOptions>().Configure<ClusterTls>(static (connections, tls) =>
                connections.ConfigureConnection(connection => connection.UseClientTls(tls.Options)));
        }
    }

    /// <summary>Returns whether TLS is on.</summary>
    private static bool AddTls(IServiceCollection services, IConfiguration configuration, bool isSilo)
    {
        var setup = new SessionTlsConfiguration(configuration);
        services.AddOptions<SessionTlsOptions>().ValidateOnStart();
        services.AddSingleton<IConfigureOptions<SessionTlsOptions>>(setup);
        services.AddSingleton<IValidateOptions<SessionTlsOptions>>(
            provider => new SessionTlsOptionsValidator(isSilo, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ClusterTls>();
        var options = new SessionTlsOptions();
        setup.Configure(options);
        return options.IsEnabled;
    }
}
