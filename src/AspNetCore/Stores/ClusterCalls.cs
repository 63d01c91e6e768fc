using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace ServerSession;

/// <summary>Calls to the cluster: what may be repeated is, within the budget; what the cluster could not do becomes <see cref="SessionUnavailableException"/>.</summary>
internal sealed partial class ClusterCalls(
    IOptions<ServerSessionOptions> options, TimeProvider time, ServerSessionMetrics metrics, ILogger<ClusterCalls> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(800);

    private readonly TimeSpan _budget = options.Value.RetryBudget;

    public async ValueTask<SessionReply> RunAsync<TCall>(
        TCall call, Func<TCall, ValueTask<SessionReply>> run, bool repeat, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var began = time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var task = run(call);
                return cancellationToken.CanBeCanceled && !task.IsCompleted
                    ? await task.AsTask().WaitAsync(cancellationToken).ConfigureAwait(false)
                    : await task.ConfigureAwait(false);
            }
            catch (Exception exception) when (IsFailureOfTheCluster(exception))
            {
                var pause = PauseAfter(attempt);
                if (!repeat || !MayWorkSoon(exception) || time.GetElapsedTime(began) + pause > _budget)
                {
                    LogGaveUp(attempt, exception);
                    throw exception as SessionUnavailableException ?? new SessionUnavailableException("The cluster cannot answer for the session now.", exception);
                }

                metrics.Retry();
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Doubling, with half of it random, so that frontends that failed together do not come back together.</summary>
    private static TimeSpan PauseAfter(int attempt)
    {
        var full = Math.Min(FirstPause.TotalMilliseconds * Math.Pow(2, attempt - 1), LongestPause.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(full * (0.5 + (Random.Shared.NextDouble() / 2)));
    }

    /// <summary>An Orleans client that is not connected (yet, or any more) says so with InvalidOperationException or ObjectDisposedException.</summary>
    private static bool IsFailureOfTheCluster(Exception exception) =>
        exception is SessionUnavailableException or TimeoutException or OrleansException or InvalidOperationException;

    private static bool MayWorkSoon(Exception exception) =>
        exception is SessionUnavailableException or TimeoutException or OrleansMessageRejectionException or ClientNotAvailableException
            or GatewayTooBusyException or LimitExceededException || exception.GetType().Name == "ConnectionFailedException";
}
