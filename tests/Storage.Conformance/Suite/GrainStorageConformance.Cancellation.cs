namespace ServerSession.Tests.Storage;

public abstract partial class GrainStorageConformance
{
    [Fact]
    public async Task Write_that_is_cancelled_never_touches_the_callers_state_again()
    {
        List<(BytesState State, string? Etag)> givenUp = [];
        for (var i = 0; i < 50; i++)
        {
            var grain = NewGrain();
            var state = await Insert(grain, 1);
            var etag = state.ETag;
            state.State = new([2]);
            using var cancellation = new CancellationTokenSource();
            var write = Storage.WriteStateAsync(StateName, grain, state, cancellation.Token);
            await cancellation.CancelAsync();
            if (await WasCancelled(write))
            {
                givenUp.Add((state, etag));
                await UpdateWhateverIsThere(grain);
            }
        }

        foreach (var (state, etag) in givenUp)
        {
            Assert.Equal(etag, state.ETag);
            Assert.Equal([2], state.State.Bytes);
        }
    }

    [Fact]
    public async Task Write_that_is_cancelled_leaves_one_of_the_two_values()
    {
        for (var i = 0; i < 20; i++)
        {
            var grain = NewGrain();
            var state = await Insert(grain, 1);
            state.State = new([2]);
            using var cancellation = new CancellationTokenSource();
            var write = Storage.WriteStateAsync(StateName, grain, state, cancellation.Token);
            await cancellation.CancelAsync();
            var cancelled = await WasCancelled(write);
            var read = await Read(grain);
            Assert.True(read.RecordExists);
            Assert.Contains(read.State.Bytes.Single(), (byte[])(cancelled ? [1, 2] : [2]));
            await UpdateWhateverIsThere(grain);
        }
    }

    [Fact]
    public async Task Calls_cancelled_before_they_begin_do_nothing_or_all_of_it()
    {
        var grain = NewGrain();
        var cancelled = new CancellationToken(canceled: true);
        var state = State(1);
        if (await WasCancelled(Storage.WriteStateAsync(StateName, grain, state, cancelled)))
        {
            Assert.Null(state.ETag);
            Assert.False(state.RecordExists);
        }
        else
        {
            await AssertStored(grain, [1], state.ETag);
        }
    }

    private async Task<bool> WasCancelled(Task call)
    {
        try
        {
            await Within("cancelled call", call);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    // A cancelled write may still land; it can be in the way once, not for ever.
    private async Task UpdateWhateverIsThere(GrainId grain)
    {
        for (var attempt = 0; ; attempt++)
        {
            var read = await Read(grain);
            read.State = new([3]);
            try
            {
                await Write(grain, read);
                await AssertStored(grain, [3], read.ETag);
                return;
            }
            catch (InconsistentStateException) when (attempt < 3)
            {
                // The cancelled write landed between the read and the update.
            }
        }
    }
}
