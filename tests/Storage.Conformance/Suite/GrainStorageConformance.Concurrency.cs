namespace ServerSession.Tests.Storage;

public abstract partial class GrainStorageConformance
{
    [Fact]
    public async Task Inserts_of_one_row_at_once_have_one_winner()
    {
        var grain = NewGrain();
        var states = Enumerable.Range(0, 50).Select(i => State((byte)i)).ToArray();
        var winner = await SingleWinner(states, state => Storage.WriteStateAsync(StateName, grain, state));
        await AssertStored(grain, winner.State.Bytes, winner.ETag);
    }

    [Fact]
    public async Task Updates_with_one_etag_at_once_have_one_winner()
    {
        var grain = NewGrain();
        var etag = (await Insert(grain, 255)).ETag;
        var states = Enumerable.Range(0, 50).Select(i => StateWith(etag, (byte)i)).ToArray();
        var winner = await SingleWinner(states, state => Storage.WriteStateAsync(StateName, grain, state));
        await AssertStored(grain, winner.State.Bytes, winner.ETag);
    }

    [Fact]
    public async Task Clears_and_updates_with_one_etag_at_once_have_one_winner()
    {
        for (var round = 0; round < 10; round++)
        {
            var grain = NewGrain();
            var etag = (await Insert(grain, 255)).ETag;
            var states = Enumerable.Range(0, 10).Select(i => StateWith(etag, (byte)i)).ToArray();
            var winner = await SingleWinner(states, state => state.State.Bytes[0] % 2 == 0
                ? Storage.ClearStateAsync(StateName, grain, state)
                : Storage.WriteStateAsync(StateName, grain, state));
            if (winner.RecordExists)
            {
                await AssertStored(grain, winner.State.Bytes, winner.ETag);
            }
            else
            {
                await AssertAbsent(grain);
            }
        }
    }

    [Fact]
    public async Task Writes_of_other_rows_in_parallel_are_all_kept()
    {
        var before = await CountRowsAsync();
        var grains = Enumerable.Range(0, 500).Select(_ => NewGrain()).ToArray();
        var states = grains.Select((_, i) => State(BitConverter.GetBytes(i))).ToArray();
        await Within("parallel writes", Parallel.ForAsync(0, grains.Length, async (i, _) => await Write(grains[i], states[i])));
        Assert.Equal(before + grains.Length, await CountRowsAsync());
        for (var i = 0; i < grains.Length; i++)
        {
            await AssertStored(grains[i], BitConverter.GetBytes(i), states[i].ETag);
        }
    }

    [Fact]
    public async Task Read_after_another_callers_acknowledged_write_sees_it()
    {
        var grains = Enumerable.Range(0, 8).Select(_ => NewGrain()).ToArray();
        await Within("writers and readers", Task.WhenAll(grains.Select(grain => Task.Run(async () =>
        {
            var state = await Insert(grain, 0);
            for (byte i = 1; i < 50; i++)
            {
                state.State = new([i]);
                await Write(grain, state);
                await AssertStored(grain, [i], state.ETag);
            }
        }))));
    }

    private async Task<BytesState> SingleWinner(
        BytesState[] states, Func<BytesState, Task> call)
    {
        BytesState? winner = null;
        var wins = 0;
        var clears = 0;
        await Within("concurrent calls", Parallel.ForEachAsync(
            states, new ParallelOptions { MaxDegreeOfParallelism = states.Length }, async (state, _) =>
        {
            try
            {
                await call(state);
                if (!state.RecordExists && !RefusesClearOfGoneRow && Interlocked.Increment(ref clears) > 1)
                {
                    // It found that the row was gone.
                    return;
                }

                Interlocked.Increment(ref wins);
                winner = state;
            }
            catch (InconsistentStateException)
            {
                // The expected end of all but one.
            }
        }));
        Assert.Equal(1, wins);
        return winner!;
    }
}
