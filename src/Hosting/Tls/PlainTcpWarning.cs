using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;

namespace ServerSession.Hosting;

/// <summary>Warns once where session data crosses a network unencrypted.</summary>
public sealed partial class PlainTcpWarning(
    ILocalSiloDetails silo, IOptions<SessionTlsOptions> options, ILogger<PlainTcpWarning> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle observer) => observer.Subscribe(nameof(PlainTcpWarning), ServiceLifecycleStage.Active, _ =>
    {
        if (!options.Value.IsEnabled && !IPAddress.IsLoopback(silo.SiloAddress.Endpoint.Address))
        {
            LogPlainTcp(logger, silo.SiloAddress.Endpoint, SessionTlsOptions.Section);
        }

        return Task.CompletedTask;
    });
}
