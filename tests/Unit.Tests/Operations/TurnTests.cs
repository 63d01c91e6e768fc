using ServerSession.Core;

namespace ServerSession.Tests;

/// <summary>Operations run one after the other, whoever asks, waits or gives up.</summary>
public sealed class TurnTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Turn_of_many_tasks_is_never_shared_and_never_lost()
    {
        var turn = new Turn();
        var inside = 0;
        var shared = 0;
        var done = 0;

        await Task.WhenAll(Enumerable.Range(0, 16).Select(task => Task.Run(
            async () =>
            {
                for (var round = 0; round < 500; round++)
                {
                    using var impatience = new CancellationTokenSource();
                    var wait = turn.WaitAsync(impatience.Token).AsTask();
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
                    turn.Release();
                }
            },
            Stop)));

        Assert.Equal(0, shared);
        Assert.True(done >= 16 * 333, $"{done} turns were taken.");

        // Those that gave up pass their turns on when these come.
        await turn.WaitAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Stop);
    }

    [Fact]
    public async Task Turn_that_is_held_is_not_taken_at_once()
    {
        var turn = new Turn();
        using (await turn.EnterAsync())
        {
            Assert.False(turn.TryEnter());
        }

        Assert.True(turn.TryEnter());
        var next = turn.EnterAsync().AsTask();
        Assert.False(next.IsCompleted);
        turn.Release();

        (await next.WaitAsync(TimeSpan.FromSeconds(30), Stop)).Dispose();
        Assert.True(turn.TryEnter());
    }

    [Fact]
    public async Task Waiter_that_gave_up_passes_its_turn_on()
    {
        var turn = new Turn();
        using var impatience = new CancellationTokenSource();
        await turn.WaitAsync(Stop);
        var second = turn.WaitAsync(impatience.Token).AsTask();
        var third = turn.WaitAsync(Stop).AsTask();
        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(third.IsCompleted);
        turn.Release();

        await third.WaitAsync(TimeSpan.FromSeconds(30), Stop);
    }

    [Fact]
    public async Task Cancellation_before_the_wait_takes_no_turn()
    {
        var turn = new Turn();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await turn.WaitAsync(new CancellationToken(canceled: true)));
        Assert.True(turn.WaitAsync(Stop).AsTask().IsCompletedSuccessfully);
    }
}
