using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServerSession.Hosting;

namespace ServerSession.Tests;

/// <summary>How long a host may take from SIGTERM to its end, after which an orchestrator may kill it.</summary>
internal static class LongestStop
{
    /// <summary>The drain delay, the shutdown time-out, and what the host grants itself beyond that, with the settings of a container.</summary>
    public static TimeSpan Of(string program, IReadOnlyDictionary<string, string> variables)
    {
        using var host = BuiltHost.Build(program, variables);
        return host.Services.GetRequiredService<IOptions<DrainOptions>>().Value.DrainDelay
            + host.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout
            + DrainingLifetime.Margin;
    }
}
