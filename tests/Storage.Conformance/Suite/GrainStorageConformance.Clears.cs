namespace ServerSession.Tests.Storage;

public abstract partial class GrainStorageConformance
{
    [Fact]
    public async Task Clear_with_the_current_etag_deletes_the_row_itself()
    {
        var before = await CountRowsAsync();
        var grain = NewGrain();
        var state = await Insert(grain, 1);
        Assert.Equal(before + 1, await CountRowsAsync());
        await Clear(grain, state);
        Assert.Equal(before, await CountRowsAsync());
        await AssertAbsent(grain);
    }

    [Fact]
    public async Task Clear_that_was_acknowledged_resets_the_callers_state()
    {
        var grain = NewGrain();
        var state = await Insert(grain, 1);
        await Clear(grain, state);
        Assert.Null(state.ETag);
        Assert.False(state.RecordExists);
        Assert.NotNull(state.State);
        Assert.Empty(state.State.Bytes);
    }

    [Fact]
    public async Task Clear_that_was_acknowledged_lets_the_same_caller_insert_again()
    {
        var grain = NewGrain();
        var state = await Insert(grain, 1);
        await Clear(grain, state);
        state.State = new([2]);
        await Write(grain, state);
        await AssertStored(grain, [2], state.ETag);
    }

    [Fact]
    public async Task Clear_with_a_stale_etag_is_refused()
    {
        var grain = NewGrain();
        var state = await Insert(grain, 1);
        var stale = state.ETag;
        state.State = new([2]);
        await Write(grain, state);
        var late = StateWith(stale, 1);
        await AssertRefused(() => Clear(grain, late));
        Assert.Equal(stale, late.ETag);
        Assert.True(late.RecordExists);
        await AssertStored(grain, [2], state.ETag);
    }

    [Fact]
    public async Task Clear_with_the_etag_of_a_cleared_row_is_refused()
    {
        var grain = NewGrain();
        var state = await Insert(grain, 1);
        var old = state.ETag;
        await Clear(grain, state);
        if (RefusesClearOfGoneRow)
        {
            await AssertRefused(() => Clear(grain, StateWith(old, 1)));
        }

        var again = await Insert(grain, 2);
        await AssertRefused(() => Clear(grain, StateWith(old, 1)));
        await AssertStored(grain, [2], again.ETag);
    }

    [Fact]
    public async Task Clear_of_an_absent_row_without_an_etag_is_accepted_and_makes_no_row()
    {
        var before = await CountRowsAsync();
        var grain = NewGrain();
        var state = State(1);
        await Clear(grain, state);
        Assert.False(state.RecordExists);
        Assert.Null(state.ETag);
        Assert.Equal(before, await CountRowsAsync());
    }

    [Fact]
    public async Task Clear_of_an_existing_row_without_an_etag_is_refused()
    {
        var grain = NewGrain();
        var state = await Insert(grain, 1);
        if (!RefusesClearWithoutEtag)
        {
            return;
        }

        await AssertRefused(() => Clear(grain, State()));
        await AssertStored(grain, [1], state.ETag);
    }

    [Fact]
    public async Task Clear_of_one_row_leaves_its_neighbours()
    {
        var grain = NewGrain();
        var neighbour = GrainId.Create(grain.Type, grain.Key + "x");
        var state = await Insert(grain, 1);
        await Insert(neighbour, 2);
        await Write(grain, State(3), "other");
        await Clear(grain, state);
        await AssertStored(neighbour, [2]);
        await AssertStored(grain, [3], name: "other");
    }
}
