using Microsoft.Extensions.Options;

namespace ServerSession.Tests;

/// <summary>Where a frontend's new sessions get their ids: in blocks, before they are needed, and never beyond their time.</summary>
public sealed class ReservedIdTests
{
    private static readonly TimeSpan ValidFor = TimeSpan.FromMinutes(1);

    private readonly TestClock _time = new();
    private readonly FakeShard _shard = new();
    private readonly ReservedSessionIds _ids;

    public ReservedIdTests() =>
        _ids = new ReservedSessionIds(GrainStoreTests.FakeFactory.Of(_shard), Options.Create(new ServerSessionOptions()), _time);

    [Fact]
    public async Task Take_of_many_ids_asks_for_blocks_and_gives_each_id_once()
    {
        var ids = new HashSet<SessionId>();
        for (var number = 0; number < 10_000; number++)
        {
            var lease = await _ids.TakeAsync();
            Assert.True(lease.IsRegistered(_time));
            Assert.True(ids.Add(lease.Id));
        }

        Assert.Subset(_shard.Given, ids);
        Assert.InRange(_shard.Calls, 2, 25);
    }

    [Fact]
    public async Task Take_by_many_at_once_gives_each_id_once()
    {
        var leases = await Task.WhenAll(Enumerable.Range(0, 2000).Select(_ => Task.Run(async () => await _ids.TakeAsync())));

        Assert.Equal(2000, leases.Select(static lease => lease.Id).Distinct().Count());
        Assert.All(leases, lease => Assert.Contains(lease.Id, _shard.Given));
    }

    [Fact]
    public async Task Take_of_the_last_half_of_a_block_has_the_next_one_fetched_so_that_nobody_waits()
    {
        for (var number = 0; number < 8; number++)
        {
            await _ids.TakeAsync();
        }

        await _shard.CalledAsync(2);

        // A third call would never end.
        _shard.Hang = new TaskCompletionSource().Task;
        for (var number = 8; number < 20; number++)
        {
            await _ids.TakeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Take_after_the_time_of_a_block_drops_what_is_left_of_it()
    {
        var first = await _ids.TakeAsync();
        _time.Advance(ValidFor);
        var second = await _ids.TakeAsync();

        Assert.False(first.IsRegistered(_time));
        Assert.True(second.IsRegistered(_time));
        Assert.Equal(2, _shard.Calls);
    }

    [Fact]
    public async Task Take_counts_the_time_of_a_block_from_before_the_call()
    {
        _shard.OnReserve = () =>
        {
            _shard.OnReserve = null;
            _time.Advance(ValidFor - TimeSpan.FromSeconds(1));
        };
        var lease = await _ids.TakeAsync();

        Assert.True(lease.IsRegistered(_time));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(lease.IsRegistered(_time));
    }

    [Fact]
    public async Task Take_when_every_answer_comes_too_late_is_unavailable()
    {
        _shard.OnReserve = () => _time.Advance(ValidFor);

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await _ids.TakeAsync());
    }

    [Fact]
    public async Task Take_when_the_cluster_fails_is_unavailable_and_works_again_afterwards()
    {
        _shard.Failure = new TimeoutException();
        var failure = await Assert.ThrowsAsync<SessionUnavailableException>(async () => await _ids.TakeAsync());
        Assert.IsType<TimeoutException>(failure.InnerException);

        _shard.Failure = null;
        Assert.True((await _ids.TakeAsync()).IsRegistered(_time));
    }

    [Fact]
    public async Task Take_when_the_silos_are_older_than_the_index_gives_ids_that_are_not_registered()
    {
        _shard.Failure = new ArgumentException("Could not find an implementation for interface ServerSession.IExpiryShardGrain");

        Assert.False((await _ids.TakeAsync()).IsRegistered(_time));
    }

    [Fact]
    public async Task TakeAtOnce_gives_a_registered_id_where_one_is_at_hand_and_another_where_none_is()
    {
        Assert.False(_ids.TakeAtOnce().IsRegistered(_time));
        Assert.Equal(0, _shard.Calls);

        await _ids.TakeAsync();
        Assert.True(_ids.TakeAtOnce().IsRegistered(_time));
    }

    [Fact]
    public async Task Take_at_a_low_rate_asks_for_small_blocks_again()
    {
        for (var number = 0; number < 3000; number++)
        {
            await _ids.TakeAsync();
        }

        var largest = _shard.Largest;
        for (var minute = 0; minute < 12; minute++)
        {
            _time.Advance(ValidFor);
            await _ids.TakeAsync();
        }

        Assert.InRange(largest, 256, 1024);
        Assert.Equal(16, _shard.Last);
    }

    [Fact]
    public async Task Lease_is_registered_only_where_it_comes_from_a_block()
    {
        var lease = await _ids.TakeAsync();
        Assert.True(lease.IsRegistered(_time));
        Assert.False(SessionIdLease.Unregistered().IsRegistered(_time));
    }

    private sealed class FakeShard : IExpiryShardGrain
    {
        private readonly Lock _lock = new();
        private readonly SemaphoreSlim _called = new(0);

        public int Calls { get; private set; }

        public int Largest { get; private set; }

        public int Last { get; private set; }

        public HashSet<SessionId> Given { get; } = [];

        public Exception? Failure { get; set; }

        public Action? OnReserve { get; set; }

        public Task Hang { get; set; } = Task.CompletedTask;

        public async Task CalledAsync(int times)
        {
            for (var time = 0; time < times; time++)
            {
                Assert.True(await _called.WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken), "No block was asked for.");
            }
        }

        public async ValueTask<SessionIdBlock> ReserveAsync(int count, TimeSpan firstLook)
        {
            await Hang;
            if (Failure is { } failure)
            {
                throw failure;
            }

            OnReserve?.Invoke();
            var block = new SessionIdBlock { Seed = Guid.NewGuid(), Count = count, ValidFor = ValidFor };
            lock (_lock)
            {
                Calls++;
                Last = count;
                Largest = Math.Max(Largest, count);
                Given.UnionWith(block.ToIds());
            }

            _called.Release();
            return block;
        }

        public ValueTask RegisterAsync(SessionId[] ids) => throw new NotSupportedException();

        public ValueTask<ShardSweepReply> SweepAsync(Guid? run) => throw new NotSupportedException();
    }
}
