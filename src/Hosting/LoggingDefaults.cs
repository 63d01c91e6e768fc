using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace ServerSession.Hosting;

/// <summary>One line per entry for people in Development, one JSON object per entry for machines elsewhere.</summary>
public static class LoggingDefaults
{
    /// <summary>
    /// At Debug, Kestrel quotes the line of a header that it cannot parse: of a Cookie header, with the token in it (guarantee: the token is a secret). It says nothing
    /// else there that its metrics do not tell.
    /// </summary>
    private const string BadRequests = "Microsoft.AspNetCore.Server.Kestrel.BadRequests";

    private const string FormatterKey = "Logging:Console:FormatterName";

    public static void AddLoggingDefaults(this WebApplicationBuilder builder)
    {
        // First in the list of sources, so that every other source overrides them.
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                ["Logging:LogLevel:Default"] = "Information",
                ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
                ["Logging:LogLevel:Orleans"] = "Warning",
                // It takes the uptime of the machine for a delay when it looks for the first time.
                ["Logging:LogLevel:Orleans.Runtime.Watchdog"] = "Error",
                // Both tell, with stack traces, of calls that a silo cannot take back or answer any more because it is leaving: their callers know.
                ["Logging:LogLevel:Orleans.Runtime.GrainCallCancellationManager"] = "None",
                ["Logging:LogLevel:Orleans.Runtime.InsideRuntimeClient"] = "Error",
                ["Logging:LogLevel:Polly"] = "Warning",
                [FormatterKey] = builder.Environment.IsDevelopment() ? ConsoleFormatterNames.Simple : ConsoleFormatterNames.Json,
                ["Logging:Console:FormatterOptions:SingleLine"] = "true",
                ["Logging:Console:FormatterOptions:UseUtcTimestamp"] = "true",
                ["Logging:Console:FormatterOptions:TimestampFormat"] = builder.Environment.IsDevelopment() ? "HH:mm:ss " : "yyyy-MM-ddTHH:mm:ss.fffZ",
            },
        });

        // With the provider's name too, because settings of a provider alone outweigh those of all.
        builder.Logging.AddFilter(BadRequests, static level => level >= LogLevel.Information);
        builder.Logging.AddFilter<ConsoleLoggerProvider>(BadRequests, static level => level >= LogLevel.Information);
        HostLogGate.Install(builder);
    }
}
