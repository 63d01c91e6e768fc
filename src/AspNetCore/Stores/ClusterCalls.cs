using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Storage;
using ServerSession.Core;

namespace ServerSession.AspNetCore;

/// <summary>
/// Calls to the cluster. One takes no longer than its budget: what may be repeated is, each attempt ends with the budget at the latest, and what
/// the cluster could not do becomes <see cref="SessionUnavailableException"/>. Where this frontend is not connected yet, the first attempt begins once it is.
/// </summary>
internal sealed partial class ClusterCalls(
    IOptions<ServerSessionOptions> options, TimeProvider time, ServerSessionMetrics metrics, ILogger<ClusterCalls> logger, IClusterConnection? connection = null)
{
    /// <summary>A grain call ends by itself after its time-out, for which the Orleans client looks once a second.</summary>
    public static readonly TimeSpan LongestGrainCall = CallBudget.CallTimeout + TimeSpan.FromSeconds(1.5);

    private readonly bool _repeats = options.Value.RetryBudget > TimeSpan.Zero;

    /// <summary>How long a call is waited for at most, unless its caller gives up before.</summary>
    public TimeSpan Budget { get; } = CallBudget.Of(options.Value);

    /// <summary>The time at which the caller of an operation that begins now gives up, as the silos compare it with their clocks.</summary>
    public DateTimeOffset GiveUpAt() => time.GetUtcNow() + Budget;

    /// <summary>Runs a call within the time that is left until its caller gives up.</summary>
    /// <param name="call">What the call works on.</param>
    /// <param name="run">Makes one attempt. It names the grain too: a frontend that is not connected cannot.</param>
    /// <param name="kind">What may be done when an attempt fails.</param>
    /// <param name="giveUpAt">When the caller gives up (UTC); null leaves it the whole budget.</param>
    /// <param name="longest">How long an attempt takes at most by itself; one that cannot take longer than what is left needs no timer.</param>
    /// <param name="cancellationToken">Ends the waiting, not the operation.</param>
    public async ValueTask<TResult> RunAsync<TCall, TResult>(
        TCall call, Func<TCall, ValueTask<TResult>> run, CallKind kind, DateTimeOffset? giveUpAt, TimeSpan longest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var budget = giveUpAt is { } end ? Shorter(end - time.GetUtcNow(), Budget) : Budget;
        if (budget <= TimeSpan.Zero)
        {
            throw new SessionUnavailableException("The operation was given up before it began. Repeat it with a later NotAfter.");
        }

        var began = time.GetTimestamp();
        var left = budget;
        if (connection is { IsOpen: false })
        {
            await WaitUntilOpenAsync(connection, budget, cancellationToken).ConfigureAwait(false);
            left = budget - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || !connection.IsOpen)
            {
                // Nothing was sent, and what connects logs why it cannot.
                throw new SessionUnavailableException("This frontend is not connected to the session cluster yet.");
            }
        }

        var mayArrive = false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var task = run(call);
                return task.IsCompleted || (left >= longest && !cancellationToken.CanBeCanceled)
                    ? await task.ConfigureAwait(false)
                    : await task.AsTask().WaitAsync(CallBudget.WholeMilliseconds(left), time, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (IsFailureOfTheCluster(exception, cancellationToken))
            {
                mayArrive |= kind == CallKind.Change && MayArriveYet(exception);
                left = budget - time.GetElapsedTime(began);
                if (left > TimeSpan.Zero && _repeats && kind != CallKind.Create && (mayArrive || MayHeal(exception)))
                {
                    await Task.Delay(CallBudget.PauseAfter(attempt, left), time, cancellationToken).ConfigureAwait(false);
                    left = budget - time.GetElapsedTime(began);
                    if (left > TimeSpan.Zero)
                    {
                        metrics.Retry();
                        continue;
                    }
                }

                if (left > TimeSpan.Zero && mayArrive)
                {
                    await Task.Delay(CallBudget.WholeMilliseconds(left), time, cancellationToken).ConfigureAwait(false);
                }

                LogGaveUp(attempt, exception);
                throw exception as SessionUnavailableException ?? new SessionUnavailableException("The cluster cannot answer for the session now.", exception);
            }
        }
    }

    private async Task WaitUntilOpenAsync(IClusterConnection opening, TimeSpan budget, CancellationToken cancellationToken)
    {
        if (_repeats)
        {
            await opening.Opened.WaitAsync(CallBudget.WholeMilliseconds(budget), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>A refused argument is its caller's mistake, wherever it is found; whatever else a call throws, the cluster did not do it.</summary>
    private static bool IsFailureOfTheCluster(Exception exception, CancellationToken cancellationToken) =>
        exception is not ArgumentException && !(exception is OperationCanceledException && cancellationToken.IsCancellationRequested);

    /// <summary>
    /// What another attempt may find better: a silo, a gateway or a connection that is lost, busy or too slow, storage that somebody else wrote,
    /// and an exception that cannot be read here, as that of a storage provider whose package only the silos have.
    /// </summary>
    private static bool MayHeal(Exception exception) =>
        IsTransient(exception) || exception is UnavailableExceptionFallbackException or SerializerException or TypeLoadException or FileNotFoundException;

    /// <summary>Whether a silo, a gateway, a connection or the storage failed, and not the call.</summary>
    public static bool IsTransient(Exception exception) =>
        exception is SessionUnavailableException or TimeoutException or OrleansMessageRejectionException or ClientNotAvailableException
            or GatewayTooBusyException or LimitExceededException or InconsistentStateException or OperationCanceledException
        || exception.GetType().Name is "ConnectionFailedException" or "ConnectionAbortedException";

    /// <summary>Whether no silo has answered the message: it may wait in the socket of a process that is suspended.</summary>
    private static bool MayArriveYet(Exception exception) =>
        exception is not (SessionUnavailableException or GatewayTooBusyException or LimitExceededException or InconsistentStateException);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
