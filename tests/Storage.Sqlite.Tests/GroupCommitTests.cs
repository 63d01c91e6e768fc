using Microsoft.Data.Sqlite;

namespace ServerSession.Tests.Storage;

public sealed class GroupCommitTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Writes_that_are_queued_together_share_transactions()
    {
        await using var store = await TestStore.OpenAsync(_folder["sessions.db"]);
        var states = States(200);
        Task[] writes;
        using (Blocked())
        {
            writes = [.. states.Select((state, i) => store.Storage.WriteStateAsync("state", Grain(i), state))];
            Assert.DoesNotContain(writes, write => write.IsCompleted);
        }

        await Task.WhenAll(writes).WaitAsync(Eventually.Patience);

        // One transaction for what the writer had taken when it met the lock, one for all the rest.
        Assert.InRange(store.File.Writer.Commits, 1, 2);
        Assert.Equal(200, await store.Storage.CountAsync());
    }

    [Fact]
    public async Task Writes_of_more_than_a_batch_take_several_transactions()
    {
        await using var store = await TestStore.OpenAsync(_folder["sessions.db"], options => options.MaxBatchSize = 10);
        var states = States(100);
        Task[] writes;
        using (Blocked())
        {
            writes = [.. states.Select((state, i) => store.Storage.WriteStateAsync("state", Grain(i), state))];
        }

        await Task.WhenAll(writes).WaitAsync(Eventually.Patience);
        Assert.InRange(store.File.Writer.Commits, 10, 11);
    }

    [Fact]
    public async Task Write_with_a_bad_etag_among_others_fails_alone()
    {
        await using var store = await TestStore.OpenAsync(_folder["sessions.db"]);
        var states = States(20);
        states[7].ETag = "0123456789abcdef";
        Task[] writes;
        using (Blocked())
        {
            writes = [.. states.Select((state, i) => store.Storage.WriteStateAsync("state", Grain(i), state))];
        }

        var error = await Assert.ThrowsAsync<InconsistentStateException>(() => writes[7]);
        Assert.Equal("0123456789abcdef", error.CurrentEtag);
        await Task.WhenAll(writes.Where((_, i) => i != 7)).WaitAsync(Eventually.Patience);
        Assert.InRange(store.File.Writer.Commits, 1, 2);
        Assert.Equal(19, await store.Storage.CountAsync());
    }

    [Fact]
    public async Task Writes_of_one_row_in_one_batch_happen_in_their_order()
    {
        await using var store = await TestStore.OpenAsync(_folder["sessions.db"]);
        var first = new BytesState { State = new([1]) };
        var second = new BytesState { State = new([2]) };
        Task[] writes;
        using (Blocked())
        {
            writes = [store.Storage.WriteStateAsync("state", Grain(0), first), store.Storage.WriteStateAsync("state", Grain(0), second)];
        }

        await writes[0].WaitAsync(Eventually.Patience);
        var error = await Assert.ThrowsAsync<InconsistentStateException>(() => writes[1].WaitAsync(Eventually.Patience));
        Assert.Equal(first.ETag, error.StoredEtag);
    }

    [Fact]
    public async Task Write_cancelled_while_queued_is_not_done()
    {
        await using var store = await TestStore.OpenAsync(_folder["sessions.db"]);
        using var cancellation = new CancellationTokenSource();
        var state = new BytesState();
        Task kept;
        Task cancelled;
        using (Blocked())
        {
            kept = store.Storage.WriteStateAsync("state", Grain(0), new BytesState());
            cancelled = store.Storage.WriteStateAsync("state", Grain(1), state, cancellation.Token);
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Eventually.Patience));
        }

        await kept.WaitAsync(Eventually.Patience);
        Assert.Null(state.ETag);
        Assert.False(state.RecordExists);
    }

    [Fact]
    public async Task Close_with_queued_writes_writes_them_first()
    {
        var store = await TestStore.OpenAsync(_folder["sessions.db"]);
        Task[] writes;
        Task closed;
        using (Blocked())
        {
            writes = [.. States(50).Select((state, i) => store.Storage.WriteStateAsync("state", Grain(i), state))];
            closed = store.DisposeAsync().AsTask();
        }

        await Task.WhenAll([.. writes, closed]).WaitAsync(Eventually.Patience);
        await using var next = await TestStore.OpenAsync(_folder["sessions.db"]);
        Assert.Equal(50, await next.Storage.CountAsync());
    }

    [Fact]
    public async Task Continuation_of_a_write_never_runs_on_the_writer()
    {
        await using var store = await TestStore.OpenAsync(_folder["sessions.db"]);
        string? thread = "none";
        await store.Storage.WriteStateAsync("state", Grain(0), new BytesState())
            .ContinueWith(_ => thread = Thread.CurrentThread.Name, TaskContinuationOptions.ExecuteSynchronously);
        Assert.NotEqual("SQLite writer", thread);
    }

    private static BytesState[] States(int count) => [.. Enumerable.Range(0, count).Select(i => new BytesState { State = new([(byte)i]) })];

    private static GrainId Grain(int i) => GrainId.Create("group", $"{i}");

    // A foreign transaction holds the writer at its next begin until it is disposed.
    private SqliteConnection Blocked()
    {
        var connection = new SqliteConnection($"Data Source={_folder["sessions.db"]};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE;";
        command.ExecuteNonQuery();
        return connection;
    }
}
