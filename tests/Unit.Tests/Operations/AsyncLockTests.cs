namespace ServerSession.Tests;

/// <summary>Operations run one after the other, whoever asks, waits or gives up.</summary>
public sealed class AsyncLockTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Turn_of_many_tasks_is_never_shared_and_never_lost()
    {
        var asyncLock = new AsyncLock();
        var inside = 0;
        var shared = 0;
        var done = 0;

        await Task.WhenAll(Enumerable.Range(0, 16).Select(task => Task.Run(
            async () =>
            {
                for (var round = 0; round < 500; round++)
                {
                    using var impatience = new CancellationTokenSource();
                    var wait = asyncLock.WaitAsync(impatience.Token).AsTask();
                    if ((round + task) % 3 == 0)
                    {
                        await impatience.CancelAsync();
                    }

                    try
                    {
                        await wait;
                    }
                    catch (OperationCanceledException)
                    {
                        continue;
                    }

                    shared += Interlocked.Increment(ref inside) == 1 ? 0 : 1;
                    await Task.Yield();
                    Interlocked.Decrement(ref inside);
                    done++;
                    asyncLock.Release();
                }
            },
            Stop)));

        Assert.Equal(0, shared);
        Assert.True(done >= 16 * 333, $"{done} times the lock was entered.");

        // Those that gave up pass their turns on when these come.
        await asyncLock.WaitAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(90), Stop);
    }

    [Fact]
    public async Task Turn_that_is_held_is_not_taken_at_once()
    {
        var asyncLock = new AsyncLock();
        using (await asyncLock.EnterAsync())
        {
            Assert.False(asyncLock.TryEnter());
        }

        Assert.True(asyncLock.TryEnter());
        var next = asyncLock.EnterAsync().AsTask();
        Assert.False(next.IsCompleted);
        asyncLock.Release();

        (await next.WaitAsync(TimeSpan.FromSeconds(90), Stop)).Dispose();
        Assert.True(asyncLock.TryEnter());
    }

    [Fact]
    public async Task Waiter_that_gave_up_passes_its_turn_on()
    {
        var asyncLock = new AsyncLock();
        using var impatience = new CancellationTokenSource();
        await asyncLock.WaitAsync(Stop);
        var second = asyncLock.WaitAsync(impatience.Token).AsTask();
        var third = asyncLock.WaitAsync(Stop).AsTask();
        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(third.IsCompleted);
        asyncLock.Release();

        await third.WaitAsync(TimeSpan.FromSeconds(90), Stop);
    }

    [Fact]
    public async Task Cancellation_before_the_wait_takes_no_turn()
    {
        var asyncLock = new AsyncLock();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await asyncLock.WaitAsync(new CancellationToken(canceled: true)));
        Assert.True(asyncLock.WaitAsync(Stop).AsTask().IsCompletedSuccessfully);
    }
}
