using Microsoft.Data.Sqlite;
using ServerSession.Storage;

namespace ServerSession.Tests.Storage;

public sealed class FullDiskTests
{
    [Fact]
    public async Task Write_to_a_full_disk_fails_and_goes_on_when_there_is_room()
    {
        using var disk = TinyDisk.TryMount();
        if (disk is null)
        {
            // Without the right to mount, the limit on pages of the next test stands for the disk.
            await Write_when_no_pages_are_left_fails_and_goes_on_when_there_are();
            return;
        }

        var path = Path.Combine(disk.Path, "sessions.db");
        var filler = Path.Combine(disk.Path, "filler");
        await File.WriteAllBytesAsync(filler, new byte[400_000]);
        await using var store = await TestStore.OpenAsync(path);
        var acknowledged = await WriteUntilFull(store, path);
        await AssertReadable(store, acknowledged);

        File.Delete(filler);
        await store.Storage.WriteStateAsync("state", Grain(10_000), Value(10_000));
        await AssertReadable(store, acknowledged);
        await AssertReadable(store, [10_000]);
    }

    [Fact]
    public async Task Write_when_no_pages_are_left_fails_and_goes_on_when_there_are()
    {
        using var folder = new TempFolder();
        await using var store = await TestStore.OpenAsync(folder["sessions.db"], options => options.MaxPageCount = 100);
        var acknowledged = await WriteUntilFull(store, folder["sessions.db"]);
        await AssertReadable(store, acknowledged);

        var state = new BytesState();
        foreach (var i in acknowledged.Take(5))
        {
            await store.Storage.ReadStateAsync("state", Grain(i), state);
            await store.Storage.ClearStateAsync("state", Grain(i), state);
        }

        await store.Storage.WriteStateAsync("state", Grain(10_000), Value(10_000));
        await AssertReadable(store, acknowledged.Skip(5));
    }

    [Fact]
    public async Task Write_of_a_batch_that_does_not_fit_fails_for_each_of_it_and_stores_nothing()
    {
        using var folder = new TempFolder();
        await using var store = await TestStore.OpenAsync(folder["sessions.db"], options => options.MaxPageCount = 100);
        var states = Enumerable.Range(0, 500).Select(Value).ToArray();
        var writes = states.Select((state, i) => store.Storage.WriteStateAsync("state", Grain(i), state)).ToArray();
        var acknowledged = 0;
        for (var i = 0; i < writes.Length; i++)
        {
            try
            {
                await writes[i];
                Assert.NotNull(states[i].ETag);
                acknowledged++;
            }
            catch (SqliteGrainStorageException)
            {
                Assert.Null(states[i].ETag);
                Assert.False(states[i].RecordExists);
            }
        }

        Assert.InRange(acknowledged, 0, 499);
        Assert.Equal(acknowledged, await store.Storage.CountAsync());
    }

    [Fact]
    public async Task Open_on_a_full_disk_keeps_what_was_there()
    {
        using var disk = TinyDisk.TryMount();
        using var folder = new TempFolder();
        var path = disk is null ? folder["sessions.db"] : Path.Combine(disk.Path, "sessions.db");
        List<int> acknowledged;
        await using (var store = await TestStore.OpenAsync(path, options => options.MaxPageCount = disk is null ? 50 : null))
        {
            acknowledged = await WriteUntilFull(store, path);
        }

        await using var again = await TestStore.OpenAsync(path);
        await AssertReadable(again, acknowledged);
    }

    [Fact]
    public async Task Open_of_a_new_file_on_a_full_disk_says_so()
    {
        using var disk = TinyDisk.TryMount();
        if (disk is null)
        {
            // Without the right to mount, what SQLite would say stands for the disk.
            Assert.Contains("full", SqliteErrors.Explain("x.db", new SqliteException("", 13)).Message, StringComparison.Ordinal);
            return;
        }

        var filler = Path.Combine(disk.Path, "filler");
        await using (var file = File.Create(filler, bufferSize: 0))
        {
            await Assert.ThrowsAsync<IOException>(async () =>
            {
                while (true)
                {
                    await file.WriteAsync(new byte[4096]);
                }
            });
        }

        var path = Path.Combine(disk.Path, "sessions.db");
        var error = await Assert.ThrowsAsync<SqliteGrainStorageException>(() => TestStore.OpenAsync(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Matches("full|space", error.Message);

        File.Delete(filler);
        await using var store = await TestStore.OpenAsync(path);
        await store.Storage.WriteStateAsync("state", Grain(1), Value(1));
        await AssertReadable(store, [1]);
    }

    private static async Task<List<int>> WriteUntilFull(TestStore store, string path)
    {
        List<int> acknowledged = [];
        var error = await Assert.ThrowsAsync<SqliteGrainStorageException>(async () =>
        {
            for (var i = 0; i < 1000; i++)
            {
                await store.Storage.WriteStateAsync("state", Grain(i), Value(i));
                acknowledged.Add(i);
            }
        });
        Assert.Contains("full", error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.InRange(acknowledged.Count, 5, 999);
        return acknowledged;
    }

    private static async Task AssertReadable(TestStore store, IEnumerable<int> rows)
    {
        foreach (var i in rows)
        {
            var state = new BytesState();
            await store.Storage.ReadStateAsync("state", Grain(i), state);
            Assert.Equal(Value(i).State.Bytes, state.State.Bytes);
        }
    }

    private static GrainId Grain(int i) => GrainId.Create("full", $"{i}");

    private static BytesState Value(int seed)
    {
        var bytes = new byte[8000];
        new Random(seed).NextBytes(bytes);
        return new() { State = new(bytes) };
    }
}
