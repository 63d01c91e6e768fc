using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans;
using ServerSession.Core;

namespace ServerSession.Hosting;

/// <summary>Knows whether this client has a gateway to its cluster, and is healthy while it has.</summary>
public sealed class ClusterConnection : IClusterConnection, IClusterConnectionStatusObserver, IHealthCheck
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _connected;
    private volatile bool _open;

    /// <summary>
    /// Gets a value indicating whether the Orleans client has been started, so that it can be called. Later it stays so without a gateway: the
    /// client refuses calls by itself then, and finds the next gateway.
    /// </summary>
    public bool IsOpen => _open;

    public Task Opened => _opened.Task;

    public void Open()
    {
        _open = true;
        _opened.TrySetResult();
    }

    public void Close()
    {
        _open = false;
        _opened.TrySetResult();
    }

    public void NotifyGatewayCountChanged(int currentNumberOfGateways, int previousNumberOfGateways, bool connectionRecovered) =>
        _connected = currentNumberOfGateways > 0;

    public void NotifyClusterConnectionLost() => _connected = false;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_connected && _open
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("No gateway of the session cluster is connected. Check Orleans:Clustering and that a silo runs."));
}
