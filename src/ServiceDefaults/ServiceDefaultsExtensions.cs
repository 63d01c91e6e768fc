using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace ServerSession.Hosting;

/// <summary>What every host of this product has: logging, health, telemetry, a bounded shutdown.</summary>
public static class ServiceDefaultsExtensions
{
    // Below the 30 seconds that Kubernetes and Docker Compose users commonly grant, so that a silo leaves its cluster before it is killed.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(25);

    /// <summary>
    /// Adds the defaults. All of them give way to configuration: <c>Logging:*</c>, <c>shutdownTimeoutSeconds</c> (25 by default) and
    /// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> (telemetry leaves the process only where it is set).
    /// </summary>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddLoggingDefaults();
        builder.AddTelemetry();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.AddServerHeader = false);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddProblemDetails();
        builder.Services.AddHealthChecks().AddCheck<ShutdownHealthCheck>("shutdown", tags: [HealthTags.Ready]);
        if (builder.Configuration["shutdownTimeoutSeconds"] is null)
        {
            builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = ShutdownTimeout);
        }

        return builder;
    }
}
