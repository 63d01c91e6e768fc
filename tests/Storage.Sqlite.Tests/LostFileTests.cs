using System.Text;
using ServerSession.Storage;

namespace ServerSession.Tests.Storage;

/// <summary>A file of the store is removed or replaced while the store is open: nothing is acknowledged any more that the next start would not find.</summary>
public sealed class LostFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("-wal")]
    [InlineData("-shm")]
    [InlineData(".lock")]
    public async Task Write_after_the_file_was_removed_is_refused_from_then_on_with_its_name_and_the_fix(string file)
    {
        await using var store = await OpenAsync();
        await WriteAsync(store, "before");
        File.Move(_folder["sessions.db"] + file, _folder["aside"]);

        var first = await Assert.ThrowsAsync<SqliteGrainStorageException>(() => WriteAsync(store, "after"));
        Assert.Contains($"'{_folder["sessions.db"]}{file}'", first.Message, StringComparison.Ordinal);
        Assert.Contains("was removed", first.Message, StringComparison.Ordinal);
        Assert.Contains("this process", first.Message, StringComparison.Ordinal);
        Assert.Equal(first.Message, store.Storage.Failure);

        File.Move(_folder["aside"], _folder["sessions.db"] + file, overwrite: true);
        await Assert.ThrowsAsync<SqliteGrainStorageException>(() => WriteAsync(store, "later"));
        await Assert.ThrowsAsync<SqliteGrainStorageException>(() => ExistsAsync(store, "before"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-wal")]
    [InlineData(".lock")]
    public async Task Write_after_the_file_was_replaced_is_refused(string file)
    {
        await using var store = await OpenAsync();
        await WriteAsync(store, "before");
        await File.WriteAllTextAsync(_folder["other"], "");
        File.Move(_folder["other"], _folder["sessions.db"] + file, overwrite: true);

        var error = await Assert.ThrowsAsync<SqliteGrainStorageException>(() => WriteAsync(store, "after"));

        Assert.Contains($"'{_folder["sessions.db"]}{file}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("replaced", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_after_the_folder_was_moved_is_refused()
    {
        var path = Path.Combine(_folder.Path, "data", "sessions.db");
        await using var store = await TestStore.OpenAsync(path);
        await WriteAsync(store, "before");
        Directory.Move(Path.Combine(_folder.Path, "data"), Path.Combine(_folder.Path, "moved"));

        await Assert.ThrowsAsync<SqliteGrainStorageException>(() => WriteAsync(store, "after"));
    }

    [Fact]
    public async Task Removal_of_the_file_without_any_call_is_noticed()
    {
        await using var store = await OpenAsync();
        Assert.Null(store.Storage.Failure);
        File.Delete(_folder["sessions.db"] + "-wal");

        await Eventually.HoldsAsync(() => store.Storage.Failure is not null, static () => "the store noticed");

        await Assert.ThrowsAsync<SqliteGrainStorageException>(() => ExistsAsync(store, "any"));
    }

    [Fact]
    public async Task Close_after_the_log_was_removed_keeps_what_was_acknowledged()
    {
        await using (var store = await OpenAsync())
        {
            for (var i = 0; i < 20; i++)
            {
                await WriteAsync(store, $"{i}");
            }

            File.Delete(_folder["sessions.db"] + "-wal");
            await Assert.ThrowsAsync<SqliteGrainStorageException>(() => WriteAsync(store, "after"));
        }

        await using var next = await OpenAsync();
        for (var i = 0; i < 20; i++)
        {
            Assert.True(await ExistsAsync(next, $"{i}"), $"The acknowledged row {i} is lost.");
        }
    }

    [Fact]
    public async Task Close_after_all_files_were_removed_leaves_the_successor_alone()
    {
        var first = await OpenAsync();
        await WriteAsync(first, "of the first");
        foreach (var file in Directory.GetFiles(_folder.Path))
        {
            File.Delete(file);
        }

        await using var second = await OpenAsync();
        await WriteAsync(second, "of the second");
        await first.DisposeAsync();

        Assert.True(File.Exists(_folder["sessions.db"] + "-wal"));
        await WriteAsync(second, "still");
        Assert.Null(second.Storage.Failure);
        Assert.False(await ExistsAsync(second, "of the first"));
    }

    [Fact]
    public async Task Open_after_the_lock_file_was_removed_under_another_process_is_refused()
    {
        using var owner = await CrashingProcess.StartAsync(_folder["sessions.db"], "idle");
        File.Delete(_folder["sessions.db"] + ".lock");

        var error = await Assert.ThrowsAsync<SqliteGrainStorageException>(() => OpenAsync());

        Assert.Contains("in use by another process", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_after_the_lock_file_was_removed_under_this_process_is_refused()
    {
        await using var owner = await OpenAsync();
        File.Delete(_folder["sessions.db"] + ".lock");

        await Assert.ThrowsAsync<SqliteGrainStorageException>(() => OpenAsync());
    }

    private Task<TestStore> OpenAsync() => TestStore.OpenAsync(_folder["sessions.db"]);

    private static Task WriteAsync(TestStore store, string key) =>
        store.Storage.WriteStateAsync("state", GrainId.Create("row", key), new BytesState { State = new(Encoding.UTF8.GetBytes(key)) });

    private static async Task<bool> ExistsAsync(TestStore store, string key)
    {
        var state = new BytesState();
        await store.Storage.ReadStateAsync("state", GrainId.Create("row", key), state);
        return state.RecordExists;
    }
}
