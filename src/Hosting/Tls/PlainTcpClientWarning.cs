using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Messaging;

namespace ServerSession.Hosting;

/// <summary>Warns once where a frontend sends session data to its gateways unencrypted over a network.</summary>
public sealed partial class PlainTcpClientWarning(
    IGatewayListProvider gateways, IOptions<SessionTlsOptions> options, ILogger<PlainTcpClientWarning> logger) : ILifecycleParticipant<IClusterClientLifecycle>
{
    /// <summary>
    /// At the end of the client's start it has found a gateway, so the list is there and not empty. The start does not wait for it: a membership store that stops
    /// answering would keep a connected frontend from its sessions.
    /// </summary>
    public void Participate(IClusterClientLifecycle lifecycle) => lifecycle.Subscribe(nameof(PlainTcpClientWarning), ServiceLifecycleStage.Active, OnStart);

    private Task OnStart(CancellationToken cancellationToken)
    {
        if (!options.Value.IsEnabled)
        {
            _ = LookAsync();
        }

        return Task.CompletedTask;
    }

    private async Task LookAsync()
    {
        try
        {
            if ((await gateways.GetGateways().ConfigureAwait(false)).FirstOrDefault(static gateway => !gateway.IsLoopback) is { } remote)
            {
                LogPlainTcp(logger, remote.Authority, SessionTlsOptions.Section);
            }
        }
        catch (Exception exception)
        {
            // The client is connected. It must not fail for the sake of a warning when the list cannot be read again at this moment.
            LogNotRead(logger, exception);
        }
    }
}
