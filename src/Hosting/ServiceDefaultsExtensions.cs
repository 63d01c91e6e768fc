using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ServerSession.Hosting;

/// <summary>What every host of this product has: logging, health, telemetry, a bounded shutdown.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>
    /// Adds the defaults. All of them give way to configuration: <c>Logging:*</c>, <c>shutdownTimeoutSeconds</c> (20 by default),
    /// <c>ServerSession:DrainDelay</c> and <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> (telemetry leaves the process only where it is set).
    /// </summary>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddLoggingDefaults();
        builder.AddTelemetry();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.AddServerHeader = false);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddProblemDetails();
        builder.AddShutdown();
        return builder;
    }
}
