using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>No lost updates: changes are merged per key by the grain, and a repeated message is applied once.</summary>
public class NoLostUpdatesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Commit_of_two_hundred_at_once_on_different_keys_wins_every_time(short silos)
    {
        await using var cluster = await SessionCluster.StartAsync(silos);
        var session = await cluster.CreateAsync();

        var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(index => session.CommitWithRetriesAsync(SessionDriver.Set($"key{index}", $"{index}"))));

        Assert.All(replies, reply => Assert.Equal(SessionOutcome.Committed, reply.Outcome));
        var data = (await session.OpenAsync()).Snapshot!.Data;
        Assert.Equal(Enumerable.Range(0, 200).Select(index => $"key{index}").Order(StringComparer.Ordinal), data.Keys);
    }

    [Fact]
    public async Task Increment_by_many_at_once_counts_every_one()
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var session = await cluster.CreateAsync();

        var replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => session.CommitWithRetriesAsync(SessionChange.Increment("visits"))));

        Assert.Equal(Enumerable.Range(1, 100).Select(number => (long)number), replies.Select(reply => reply.Results![0].Number).Order());
    }

    [Fact]
    public async Task Take_by_many_at_once_is_given_to_exactly_one()
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var session = await cluster.CreateAsync(null, SessionDriver.Set("flash", "once"));

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => session.CommitWithRetriesAsync(SessionChange.Take("flash"))));

        Assert.Single(replies, reply => reply.Results![0].Applied);
    }

    [Fact]
    public async Task Commit_repeated_with_its_operation_id_is_applied_once()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var request = session.CommitRequest(SessionChange.Increment("visits"));

        var first = await session.Grain.CommitAsync(request);
        var second = await session.Grain.CommitAsync(request);
        await cluster.DeactivateAsync(session.Id);
        var third = await session.Grain.CommitAsync(request);

        Assert.Equal([1L, 1L, 1L], [first.Results![0].Number, second.Results![0].Number, third.Results![0].Number]);
        Assert.Equal("1", await session.ReadAsync("visits"));
    }

    [Fact]
    public async Task Commit_whose_reply_was_lost_is_answered_from_the_store_when_repeated()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var request = session.CommitRequest(SessionChange.Increment("visits"));
        cluster.Store.AfterAsync = operation => operation.Kind == Storage.StorageOperationKind.Write
            ? throw new IOException("The reply of the store is lost.")
            : ValueTask.CompletedTask;
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await session.Grain.CommitAsync(request));

        cluster.Store.AfterAsync = null;
        var again = await SessionDriver.RetryAsync(() => session.Grain.CommitAsync(request));

        Assert.Equal(SessionOutcome.Committed, again.Outcome);
        Assert.Equal(1, again.Results![0].Number);
        Assert.Equal("1", await session.ReadAsync("visits"));
    }

    [Fact]
    public async Task Commit_that_is_a_delayed_duplicate_of_an_older_set_is_not_applied()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var old = session.CommitRequest(SessionDriver.Set("quote", "old"));
        await session.Grain.CommitAsync(old);
        await session.SetAsync("quote", "new");

        await session.Grain.CommitAsync(old);
        Assert.Equal("new", await session.ReadAsync("quote"));

        cluster.Clock.Advance(TimeSpan.FromMinutes(1));
        await session.SetAsync("quote", "newest");
        Assert.Equal(SessionOutcome.Late, (await session.Grain.CommitAsync(old)).Outcome);
        Assert.Equal("newest", await session.ReadAsync("quote"));
    }

    [Fact]
    public async Task Commit_over_a_limit_applies_nothing_and_names_the_limit()
    {
        await using var cluster = await SessionCluster.StartAsync(1, static options => options.Limits = new SessionLimits { Keys = 2 });
        var session = await cluster.CreateAsync(null, SessionDriver.Set("a", "1"), SessionDriver.Set("b", "2"));

        var reply = await session.CommitAsync(SessionDriver.Set("a", "changed"), SessionDriver.Set("c", "3"));

        Assert.Equal(SessionOutcome.TooLarge, reply.Outcome);
        Assert.Equal(SessionLimit.Keys, reply.Refusal!.Limit);
        Assert.Equal("1", await session.ReadAsync("a"));
        Assert.Equal(2, (await session.OpenAsync()).Snapshot!.Data.Count);
    }

    [Fact]
    public async Task Open_any_number_of_times_writes_nothing()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(null, SessionDriver.Set("quote", "q"));
        var writes = cluster.Store.CountsOf(session.GrainId).Writes;

        for (var index = 0; index < 50; index++)
        {
            Assert.Equal(1, (await session.OpenAsync()).Snapshot!.Version);
        }

        Assert.Equal(writes, cluster.Store.CountsOf(session.GrainId).Writes);
    }
}
