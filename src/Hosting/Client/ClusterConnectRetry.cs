using Microsoft.Extensions.Logging;
using Orleans;

namespace ServerSession.Hosting;

/// <summary>A frontend that starts before its silos waits for them; only the shutdown of the host ends the waiting.</summary>
public sealed partial class ClusterConnectRetry(TimeProvider time, ILogger<ClusterConnectRetry> logger) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        LogNoSilo(logger, exception.Message);
        await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        return true;
    }
}
