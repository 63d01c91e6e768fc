using System.Threading.Tasks.Sources;
using Microsoft.Extensions.Time.Testing;

namespace ServerSession.Tests.Stored;

/// <summary>A call to the storage ends in bounded time, and always in the turn that began it.</summary>
public sealed class BoundedCallTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly FakeTimeProvider _clock = new();
    private readonly TaskScheduler _turns = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
    private readonly CallWatch _watch;

    public BoundedCallTests() => _watch = new CallWatch(Bound, _clock);

    public void Dispose() => _watch.Dispose();

    [Fact]
    public async Task Call_answered_ends_in_the_turn_that_began_it()
    {
        var provider = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var call = Begin(provider.Task);
        provider.SetResult();
        Assert.Same(_turns, await call.WaitAsync(Patience));
    }

    [Fact]
    public async Task Call_failed_throws_what_the_provider_threw()
    {
        var provider = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var call = Begin(provider.Task);
        provider.SetException(new IOException("no room"));
        await Assert.ThrowsAsync<IOException>(() => call.WaitAsync(Patience));
    }

    [Fact]
    public async Task Call_cancelled_by_the_provider_throws()
    {
        var provider = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var call = Begin(provider.Task);
        provider.SetCanceled(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<TaskCanceledException>(() => call.WaitAsync(Patience));
    }

    [Fact]
    public async Task Call_that_hangs_times_out_in_the_turn_that_began_it_and_a_late_answer_is_not_heard()
    {
        var provider = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskScheduler? ended = null;
        var call = Turn(async () =>
        {
            try
            {
                await new PlainCall(_watch, provider.Task).Start().ConfigureAwait(false);
            }
            finally
            {
                ended = TaskScheduler.Current;
            }

            return ended;
        });
        await Turn(static () => Task.FromResult(0));
        _clock.Advance(Bound - TimeSpan.FromTicks(1));
        await Turn(static () => Task.FromResult(0));
        Assert.False(call.IsCompleted);

        _clock.Advance(Bound);
        await Assert.ThrowsAsync<TimeoutException>(() => call.WaitAsync(Patience));
        Assert.Same(_turns, ended);
        provider.SetException(new IOException("late"));
    }

    [Fact]
    public async Task Calls_that_hang_among_others_time_out_alone()
    {
        var providers = Enumerable.Range(0, 9).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var calls = Array.ConvertAll(providers, provider => Begin(provider.Task));
        await Turn(static () => Task.FromResult(0));
        foreach (var index in (int[])[0, 4, 8, 3, 5])
        {
            providers[index].SetResult();
            await calls[index].WaitAsync(Patience);
        }

        _clock.Advance(Bound * 2);
        foreach (var index in (int[])[1, 2, 6, 7])
        {
            await Assert.ThrowsAsync<TimeoutException>(() => calls[index].WaitAsync(Patience));
        }

        // The watch had nothing left to do and has to begin again.
        var next = Begin(new TaskCompletionSource().Task);
        await Turn(static () => Task.FromResult(0));
        _clock.Advance(Bound * 2);
        await Assert.ThrowsAsync<TimeoutException>(() => next.WaitAsync(Patience));
    }

    private Task<TaskScheduler> Begin(Task call) => Turn(async () =>
    {
        await new PlainCall(_watch, call).Start().ConfigureAwait(false);
        return TaskScheduler.Current;
    });

    private Task<T> Turn<T>(Func<Task<T>> turn) =>
        Task.Factory.StartNew(turn, CancellationToken.None, TaskCreationOptions.None, _turns).Unwrap();

    private sealed class PlainCall(CallWatch watch, Task call) : BoundedCall(watch, call), IValueTaskSource
    {
        public ValueTask Start() => new(this, Begin());

        void IValueTaskSource.GetResult(short token) => ThrowIfFailed(token);
    }
}
