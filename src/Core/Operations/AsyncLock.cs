namespace ServerSession.Core;

/// <summary>
/// A lock for asynchronous operations: one holder at a time, first come, first served. Contention is rare, so an uncontended entry costs one
/// interlocked increment, and the semaphore is created by the first operation that has to wait.
/// </summary>
/// <remarks>Not sealed: an object of which a process holds very many can be its own lock, for one object less.</remarks>
public class AsyncLock
{
    private SemaphoreSlim? _waiters;
    private int _entered;

    private SemaphoreSlim Waiters => _waiters ?? Interlocked.CompareExchange(ref _waiters, new SemaphoreSlim(0), null) ?? _waiters;

    /// <summary>Waits until every operation before this one has left the lock.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Interlocked.Increment(ref _entered) == 1 ? default : new(WaitInQueueAsync(cancellationToken));
    }

    /// <summary>Enters if nobody is inside or waits.</summary>
    public bool TryEnter() => Interlocked.CompareExchange(ref _entered, 1, 0) == 0;

    /// <summary>Waits to enter; disposing of the result leaves the lock.</summary>
    public ValueTask<Releaser> EnterAsync()
    {
        var entered = WaitAsync();
        return entered.IsCompletedSuccessfully ? new(new Releaser(this)) : EnterLaterAsync(entered);
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _entered) > 0)
        {
            Waiters.Release();
        }
    }

    private async ValueTask<Releaser> EnterLaterAsync(ValueTask entered)
    {
        await entered;
        return new Releaser(this);
    }

    private async Task WaitInQueueAsync(CancellationToken cancellationToken)
    {
        var entered = Waiters.WaitAsync(CancellationToken.None);
        try
        {
            await entered.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // It stays counted, so its place in the queue comes: then it leaves at once.
            _ = PassOnAsync(entered);
            throw;
        }
    }

    private async Task PassOnAsync(Task entered)
    {
        await entered;
        Release();
    }

    /// <summary>Leaves the lock, in a <c>using</c>.</summary>
    public readonly struct Releaser(AsyncLock owner) : IDisposable
    {
        public void Dispose() => owner.Release();
    }
}
