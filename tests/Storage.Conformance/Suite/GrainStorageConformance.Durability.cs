namespace ServerSession.Tests.Storage;

public abstract partial class GrainStorageConformance
{
    [Fact]
    public async Task Reopen_after_writes_has_all_that_was_acknowledged()
    {
        var kept = NewGrain();
        var updated = NewGrain();
        var cleared = NewGrain();
        var state = await Insert(kept, Pattern(10_000, seed: 1));
        var update = await Insert(updated, 1);
        update.State = new([2]);
        await Write(updated, update);
        await Clear(cleared, await Insert(cleared, 3));
        var rows = await CountRowsAsync();

        await ReopenAsync();

        await AssertStored(kept, Pattern(10_000, seed: 1), state.ETag);
        await AssertStored(updated, [2], update.ETag);
        await AssertAbsent(cleared);
        Assert.Equal(rows, await CountRowsAsync());
    }

    [Fact]
    public async Task Reopen_leaves_etags_that_mean_the_same_as_before()
    {
        var grain = NewGrain();
        var state = await Insert(grain, 1);
        var stale = state.ETag;
        state.State = new([2]);
        await Write(grain, state);

        await ReopenAsync();

        await AssertRefused(() => Write(grain, StateWith(stale, 3)));
        state.State = new([4]);
        await Write(grain, state);
        await AssertStored(grain, [4], state.ETag);
    }

    [Fact]
    public async Task Reopen_after_a_row_was_inserted_again_does_not_revive_old_etags()
    {
        var grain = NewGrain();
        HashSet<string?> seen = [];
        for (byte i = 0; i < 3; i++)
        {
            var state = await Insert(grain, i);
            Assert.True(seen.Add(state.ETag), "An ETag came back.");
            await Clear(grain, state);
            await ReopenAsync();
        }
    }
}
