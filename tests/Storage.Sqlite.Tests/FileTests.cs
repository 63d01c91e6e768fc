using System.Text;

namespace ServerSession.Tests.Storage;

public sealed class FileTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_of_a_new_file_makes_it_for_its_owner_only()
    {
        var path = Path.Combine(_folder.Path, "a", "b", "sessions.db");
        await using var store = await TestStore.OpenAsync(path);
        await store.Storage.WriteStateAsync("state", GrainId.Create("a", "b"), new BytesState());
        foreach (var file in (string[])[path, path + "-wal", path + "-shm", path + ".lock"])
        {
            Assert.Equal(Private, File.GetUnixFileMode(file));
        }

        Assert.Equal(Private | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(_folder.Path, "a", "b")));
    }

    [Fact]
    public async Task Open_of_a_file_that_others_may_read_takes_it_from_them()
    {
        await (await TestStore.OpenAsync(_folder["sessions.db"])).DisposeAsync();
        File.SetUnixFileMode(_folder["sessions.db"], Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        await using var store = await TestStore.OpenAsync(_folder["sessions.db"]);
        Assert.Equal(Private, File.GetUnixFileMode(_folder["sessions.db"]));
    }

    [Fact]
    public async Task Close_after_writes_leaves_one_file_without_a_log()
    {
        var store = await TestStore.OpenAsync(_folder["sessions.db"]);
        await store.Storage.WriteStateAsync("state", GrainId.Create("a", "b"), new BytesState());
        await store.DisposeAsync();
        Assert.False(File.Exists(_folder["sessions.db"] + "-wal"));
        Assert.False(File.Exists(_folder["sessions.db"] + "-shm"));
        await using var next = await TestStore.OpenAsync(_folder["sessions.db"]);
        Assert.Equal(1, await next.Storage.CountAsync());
    }

    [Fact]
    public async Task Clear_of_values_of_all_sizes_leaves_nothing_of_them_in_the_file()
    {
        var secret = "a value that was destroyed ";
        await using (var store = await TestStore.OpenAsync(_folder["sessions.db"]))
        {
            await store.Storage.WriteStateAsync("state", GrainId.Create("kept", "1"), Value("the value that stays"));
            for (var i = 0; i < 40; i++)
            {
                var state = Value(string.Concat(Enumerable.Repeat(secret, 1 + (i * i))));
                await store.Storage.WriteStateAsync("state", GrainId.Create("gone", $"{i}"), state);
                await store.Storage.ClearStateAsync("state", GrainId.Create("gone", $"{i}"), state);
            }
        }

        var file = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(_folder["sessions.db"]));
        Assert.Contains("the value that stays", file, StringComparison.Ordinal);
        Assert.DoesNotContain("destroyed", file, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_of_many_writes_is_moved_into_the_file_and_used_again()
    {
        await using var store = await TestStore.OpenAsync(_folder["sessions.db"], options => options.CheckpointPages = 20);
        var state = new BytesState { State = new(new byte[8000]) };
        for (var i = 0; i < 300; i++)
        {
            await store.Storage.WriteStateAsync("state", GrainId.Create("a", "b"), state);
        }

        Assert.InRange(new FileInfo(_folder["sessions.db"] + "-wal").Length, 1, 400_000);
    }

    [Fact]
    public async Task Write_with_a_long_state_name_is_stored_under_its_whole_name()
    {
        await using var store = await TestStore.OpenAsync(_folder["sessions.db"]);
        var name = new string('\u4f1a', 5000);
        await store.Storage.WriteStateAsync(name, GrainId.Create("a", "b"), Value("long"));
        var read = new BytesState();
        await store.Storage.ReadStateAsync(name, GrainId.Create("a", "b"), read);
        Assert.Equal("long", Encoding.UTF8.GetString(read.State.Bytes));
        await store.Storage.ReadStateAsync(name[1..], GrainId.Create("a", "b"), read);
        Assert.False(read.RecordExists);
    }

    private static BytesState Value(string text) => new() { State = new(Encoding.UTF8.GetBytes(text)) };
}
