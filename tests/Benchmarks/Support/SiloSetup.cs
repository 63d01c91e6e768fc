using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ServerSession.Benchmarks.Support;

/// <summary>One silo on free loopback ports, with the embedded store.</summary>
internal static class SiloSetup
{
    public static void AddSilo(this IHostApplicationBuilder builder, string folder)
    {
        builder.Logging.WarningsToStandardError();
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(FreePort.Next(), FreePort.Next())
            .AddSqliteGrainStorage(SessionGrainOptions.StorageName, options => options.Path = Path.Combine(folder, "sessions.db"))
            .AddServerSession());
    }

    public static void WarningsToStandardError(this ILoggingBuilder logging) => logging
        .ClearProviders()
        .SetMinimumLevel(LogLevel.Warning)
        .AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
}
