using System.Threading.Tasks.Sources;

namespace ServerSession.Storage;

/// <summary>One call to the storage provider that ends with the provider's answer or with the end of its time, whichever is first.</summary>
/// <remarks>
/// Both ends are told on the scheduler that the call was begun on, so a grain that awaits it goes on in its own turn without asking for that
/// again: it can await with <c>ConfigureAwait(false)</c>, which saves a hop and a task for every method on the way.
/// </remarks>
internal abstract class BoundedCall
{
    private readonly TaskScheduler _scheduler = TaskScheduler.Current;
    private readonly CallWatch _watch;
    private readonly Task _call;
    private ManualResetValueTaskSourceCore<bool> _answer;
    private bool _ended;

    protected BoundedCall(CallWatch watch, Task call)
    {
        _watch = watch;
        _call = call;
    }

    /// <summary>When the call was begun, as the watch tells time.</summary>
    public long Began { get; set; }

    /// <summary>The neighbours among the calls under watch; the watch's own.</summary>
    public BoundedCall? Earlier { get; set; }

    /// <inheritdoc cref="Earlier"/>
    public BoundedCall? Later { get; set; }

    /// <summary>The call's time is over. The provider may answer yet; nobody hears of it.</summary>
    public void TimeOut() =>
        Task.Factory.StartNew(static call => ((BoundedCall)call!).End(new TimeoutException()), this, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler);

    /// <summary>For the value task source that a call is; so is <see cref="OnCompleted"/>.</summary>
    public ValueTaskSourceStatus GetStatus(short token) => _answer.GetStatus(token);

    /// <inheritdoc cref="GetStatus"/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);

    /// <summary>Begins to wait; a call that was answered at once is not watched.</summary>
    /// <returns>What the result is asked for with.</returns>
    protected short Begin()
    {
        if (_call.IsCompletedSuccessfully)
        {
            End(null);
        }
        else
        {
            _watch.Add(this);
            _call.GetAwaiter().UnsafeOnCompleted(Answer);
        }

        return _answer.Version;
    }

    /// <summary>Throws what ended the call other than an answer; to be called once, when it has ended.</summary>
    protected void ThrowIfFailed(short token) => _answer.GetResult(token);

    private void Answer()
    {
        _watch.Remove(this);

        // Also looked at where it comes too late: a failure that nobody looks at would be reported as unobserved.
        End(_call.IsCompletedSuccessfully ? null : _call.Exception?.InnerException ?? new TaskCanceledException(_call));
    }

    private void End(Exception? error)
    {
        if (Interlocked.Exchange(ref _ended, true))
        {
            return;
        }

        if (error is null)
        {
            _answer.SetResult(true);
        }
        else
        {
            _answer.SetException(error);
        }
    }
}
