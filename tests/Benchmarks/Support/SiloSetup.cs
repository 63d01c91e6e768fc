using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerSession.Benchmarks.Server;
using StackExchange.Redis;

namespace ServerSession.Benchmarks.Support;

/// <summary>Silos on loopback ports.</summary>
internal static class SiloSetup
{
    /// <summary>One silo on free ports, with the embedded store.</summary>
    public static void AddSilo(this IHostApplicationBuilder builder, string folder) =>
        builder.AddSilo(new ServerOptions(Variant.Silo, Port: 0, RedisPort: 0, folder, SiloPort: 0, GatewayPort: 0, PrimaryPort: 0, Gateways: []));

    /// <summary>A silo, in a cluster if there is a primary one, with Redis if there is one and the embedded store otherwise.</summary>
    public static void AddSilo(this IHostApplicationBuilder builder, ServerOptions options)
    {
        builder.Logging.WarningsToStandardError();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(
                options.SiloPort == 0 ? FreePorts.Next() : options.SiloPort,
                options.GatewayPort == 0 ? FreePorts.Next() : options.GatewayPort,
                options.PrimaryPort == 0 ? null : new IPEndPoint(IPAddress.Loopback, options.PrimaryPort));
            if (options.RedisPort == 0)
            {
                silo.AddSqliteGrainStorage(SessionGrainOptions.StorageName, sqlite => sqlite.Path = Path.Combine(options.Folder, "sessions.db"));
            }
            else
            {
                silo.AddRedisGrainStorage(SessionGrainOptions.StorageName, redis =>
                {
                    redis.ConfigurationOptions = new ConfigurationOptions { EndPoints = { { "127.0.0.1", options.RedisPort } } };
                    redis.DeleteStateOnClear = true;
                });
            }

            silo.AddServerSession();
        });
    }

    public static void WarningsToStandardError(this ILoggingBuilder logging) => logging
        .ClearProviders()
        .SetMinimumLevel(LogLevel.Warning)
        .AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
}
