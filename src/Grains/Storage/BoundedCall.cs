using System.Threading.Tasks.Sources;
using ServerSession.Core;

namespace ServerSession.Grains;

/// <summary>One call to the storage provider that completes with the provider's answer or with a time-out, whichever is first.</summary>
/// <remarks>
/// It completes on the scheduler on which it was started. So a grain that awaits it continues in its own Orleans turn even with
/// <c>ConfigureAwait(false)</c>, which saves a scheduling hop and a task for every method on the way.
/// </remarks>
internal abstract class BoundedCall
{
    private readonly TaskScheduler _scheduler = TaskScheduler.Current;
    private readonly CallWatch _watch;
    private readonly Task _call;
    private ManualResetValueTaskSourceCore<bool> _completion;
    private bool _ended;

    protected BoundedCall(CallWatch watch, Task call)
    {
        _watch = watch;
        _call = call;
    }

    /// <summary>When the call was started: a time stamp of the watch's clock.</summary>
    public long StartedAt { get; set; }

    /// <summary>Links of the watch's list of pending calls; only the watch uses them.</summary>
    public BoundedCall? Earlier { get; set; }

    /// <inheritdoc cref="Earlier"/>
    public BoundedCall? Later { get; set; }

    /// <summary>Times the call out. A later answer of the provider is ignored.</summary>
    public void TimeOut() =>
        Task.Factory.StartNew(static call => ((BoundedCall)call!).Complete(new TimeoutException()), this, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler);

    /// <summary>For the value task source that a call is; so is <see cref="OnCompleted"/>.</summary>
    public ValueTaskSourceStatus GetStatus(short token) => _completion.GetStatus(token);

    /// <inheritdoc cref="GetStatus"/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    /// <summary>Begins to wait; a call that was answered at once is not watched.</summary>
    /// <returns>What the result is asked for with.</returns>
    protected short Begin()
    {
        if (_call.IsCompletedSuccessfully)
        {
            Complete(null);
        }
        else
        {
            _watch.Add(this);
            _call.GetAwaiter().UnsafeOnCompleted(OnCallCompleted);
        }

        return _completion.Version;
    }

    /// <summary>Throws what ended the call other than an answer; to be called once, when it has ended.</summary>
    protected void ThrowIfFailed(short token) => _completion.GetResult(token);

    private void OnCallCompleted()
    {
        _watch.Remove(this);

        // The exception is read even if the call has timed out: otherwise it would be reported as unobserved.
        Complete(_call.IsCompletedSuccessfully ? null : _call.Exception?.InnerException ?? new TaskCanceledException(_call));
    }

    private void Complete(Exception? error)
    {
        if (Interlocked.Exchange(ref _ended, true))
        {
            return;
        }

        if (error is null)
        {
            _completion.SetResult(true);
        }
        else
        {
            _completion.SetException(error);
        }
    }
}
