namespace ServerSession.Tests.Storage;

public abstract partial class GrainStorageConformance
{
    [Fact]
    public async Task Write_of_an_absent_row_without_an_etag_inserts_without_reading()
    {
        var grain = NewGrain();
        var state = await Insert(grain, 1, 2, 3);
        Assert.False(string.IsNullOrEmpty(state.ETag));
        Assert.True(state.RecordExists);
        Assert.Equal([1, 2, 3], state.State.Bytes);
        await AssertStored(grain, [1, 2, 3], state.ETag);
    }

    [Fact]
    public async Task Write_of_an_existing_row_without_an_etag_is_refused()
    {
        var grain = NewGrain();
        var first = await Insert(grain, 1);
        await AssertRefused(() => Write(grain, State(2)));
        await AssertStored(grain, [1], first.ETag);
    }

    [Fact]
    public async Task Write_with_the_current_etag_updates_and_gives_a_new_etag()
    {
        var grain = NewGrain();
        var state = await Insert(grain, 1);
        var first = state.ETag;
        state.State = new([2]);
        await Write(grain, state);
        Assert.NotEqual(first, state.ETag);
        Assert.True(state.RecordExists);
        await AssertStored(grain, [2], state.ETag);
    }

    [Fact]
    public async Task Write_with_a_stale_etag_is_refused()
    {
        var grain = NewGrain();
        var state = await Insert(grain, 1);
        var stale = state.ETag;
        state.State = new([2]);
        await Write(grain, state);
        await AssertRefused(() => Write(grain, StateWith(stale, 3)));
        await AssertStored(grain, [2], state.ETag);
    }

    [Fact]
    public async Task Write_with_the_etag_of_a_cleared_row_is_refused()
    {
        var grain = NewGrain();
        var state = await Insert(grain, 1);
        var old = state.ETag;
        await Clear(grain, state);
        await AssertRefused(() => Write(grain, StateWith(old, 2)));
        await AssertAbsent(grain);
    }

    [Fact]
    public async Task Write_of_an_absent_row_with_a_foreign_etag_is_refused()
    {
        var other = await Insert(NewGrain(), 1);
        var grain = NewGrain();
        await AssertRefused(() => Write(grain, StateWith(other.ETag, 2)));
        await AssertRefused(() => Write(grain, StateWith(UnknownEtag, 2)));
        if (RefusesEmptyEtag)
        {
            await AssertRefused(() => Write(grain, StateWith("", 2)));
        }

        await AssertAbsent(grain);
    }

    [Fact]
    public async Task Write_that_inserts_again_after_a_clear_does_not_revive_old_etags()
    {
        var grain = NewGrain();
        HashSet<string?> seen = [];
        for (byte i = 0; i < 20; i++)
        {
            var state = await Insert(grain, i);
            Assert.True(seen.Add(state.ETag), "An ETag came back.");
            state.State = new([i, i]);
            await Write(grain, state);
            Assert.True(seen.Add(state.ETag), "An ETag came back.");
            if (i < 19)
            {
                await Clear(grain, state);
            }
        }

        foreach (var old in seen.SkipLast(1))
        {
            await AssertRefused(() => Write(grain, StateWith(old, 99)));
        }

        await AssertStored(grain, [19, 19]);
    }

    [Fact]
    public async Task Write_that_is_refused_leaves_the_callers_state_alone()
    {
        var grain = NewGrain();
        await Insert(grain, 1);
        var insert = State(2);
        await AssertRefused(() => Write(grain, insert));
        Assert.Null(insert.ETag);
        Assert.False(insert.RecordExists);
        Assert.Equal([2], insert.State.Bytes);

        var update = StateWith(UnknownEtag, 3);
        await AssertRefused(() => Write(grain, update));
        Assert.Equal(UnknownEtag, update.ETag);
        Assert.True(update.RecordExists);
        Assert.Equal([3], update.State.Bytes);
    }

    [Fact]
    public async Task Calls_that_are_refused_fail_through_their_tasks()
    {
        var grain = NewGrain();
        await Insert(grain, 1);

        // A caller that starts several calls before it awaits them must get all the tasks.
        Task[] calls =
        [
            Storage.WriteStateAsync(StateName, grain, State(2)),
            Storage.WriteStateAsync(StateName, grain, StateWith(UnknownEtag, 2)),
            Storage.ClearStateAsync(StateName, grain, StateWith(UnknownEtag, 2)),
            .. RefusesClearWithoutEtag ? [Storage.ClearStateAsync(StateName, grain, State(2))] : (Task[])[],
        ];
        foreach (var call in calls)
        {
            await AssertRefused(() => Within("refused call", call));
        }
    }
}
