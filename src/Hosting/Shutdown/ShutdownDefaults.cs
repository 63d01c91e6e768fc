using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ServerSession.Hosting;

/// <summary>A shutdown that loses no request and has an end.</summary>
public static class ShutdownDefaults
{
    private const string TimeoutKey = "shutdownTimeoutSeconds";

    // With the drain delay it stays below the 30 seconds that Kubernetes grants by default, so that a silo leaves its cluster before it is killed.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    public static void AddShutdown(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<HostPhase>();
        services.AddSingleton<IProcessExit, ProcessExit>();
        services.AddSingleton<IHostLifetime, DrainingLifetime>();
        services.AddSingleton<IStartupFilter, ConnectionsThatLeave>();
        services.AddOptions<DrainOptions>().ValidateOnStart();
        services.AddSingleton<IConfigureOptions<DrainOptions>, DrainOptionsSetup>();
        services.AddSingleton<IValidateOptions<DrainOptions>, DrainOptionsValidator>();
        services.AddHealthChecks().AddCheck<ShutdownHealthCheck>("shutdown", tags: [HealthTags.Ready]);
        if (builder.Configuration[TimeoutKey] is null)
        {
            services.Configure<HostOptions>(static options => options.ShutdownTimeout = Timeout);
        }
    }
}
