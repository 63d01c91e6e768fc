using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ServerSession.Hosting;

/// <summary>
/// Until the host has started, keeps the stack traces of a failing start out of the log: <see cref="HostRunner"/> says what happened in one
/// line. Afterwards, and with debug logging, everything passes.
/// </summary>
public sealed class StartupLogGate
{
    private static readonly string[] Categories =
    [
        "Microsoft.Extensions.Hosting.Internal.Host", "Orleans.Runtime.SiloLifecycleSubject", "Orleans.Runtime.Silo",
        "Orleans.Runtime.MembershipService.MembershipTableManager",
    ];

    private volatile bool _open;

    public static void Install(WebApplicationBuilder builder)
    {
        var gate = new StartupLogGate();
        builder.Services.AddSingleton(gate);
        foreach (var category in Categories)
        {
            builder.Logging.AddFilter(category, level => level >= LogLevel.Warning && (gate._open || level < LogLevel.Error));
        }
    }

    public void OpenWhenStarted(IHostApplicationLifetime lifetime) => lifetime.ApplicationStarted.Register(() => _open = true);
}
