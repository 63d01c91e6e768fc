using Microsoft.Data.Sqlite;
using ServerSession.Storage;

namespace ServerSession.Tests.Storage;

/// <summary>Files that cannot be used: each is refused with its name and what to do, and left as it was.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_of_a_newer_form_is_refused_and_changes_nothing()
    {
        await (await TestStore.OpenAsync(_folder["sessions.db"])).DisposeAsync();
        Run("PRAGMA user_version=2;");
        await AssertRefusedUntouched("newer version");
    }

    [Fact]
    public async Task Open_of_a_database_of_another_program_is_refused_and_changes_nothing()
    {
        Run("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);");
        await AssertRefusedUntouched("not a session store");
    }

    [Fact]
    public async Task Open_of_a_file_that_is_no_database_is_refused_and_changes_nothing()
    {
        await File.WriteAllTextAsync(_folder["sessions.db"], string.Concat(Enumerable.Repeat("my diary ", 1000)));
        await AssertRefusedUntouched("not a session store");
    }

    [Fact]
    public async Task Open_of_a_damaged_file_is_refused_and_changes_nothing()
    {
        await Fill();
        using (var file = File.OpenWrite(_folder["sessions.db"]))
        {
            file.Position = 4096 * 3;
            file.Write(Enumerable.Repeat((byte)0x5a, 4096 * 20).ToArray());
        }

        await AssertRefusedUntouched("damaged");
    }

    [Fact]
    public async Task Open_of_a_file_cut_short_is_refused_and_changes_nothing()
    {
        await Fill();
        using (var file = File.OpenWrite(_folder["sessions.db"]))
        {
            file.SetLength(file.Length / 2);
        }

        await AssertRefusedUntouched("damaged");
    }

    [Fact]
    public async Task Read_that_finds_damage_later_says_so()
    {
        await Fill();
        using (var file = File.OpenWrite(_folder["sessions.db"]))
        {
            file.Position = 4096 * 2;
            file.Write(Enumerable.Repeat((byte)0x5a, (int)file.Length - (4096 * 2)).ToArray());
        }

        await using var store = await TestStore.OpenAsync(_folder["sessions.db"], options => options.CheckAtStart = false);
        var error = await Assert.ThrowsAsync<SqliteGrainStorageException>(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                await store.Storage.ReadStateAsync("state", GrainId.Create("row", $"{i}"), new BytesState());
            }
        });
        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder["sessions.db"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_with_a_folder_in_place_of_the_file_is_refused()
    {
        Directory.CreateDirectory(_folder["sessions.db"]);
        await AssertRefused(_folder["sessions.db"], "permission");
    }

    [Fact]
    public async Task Open_with_a_file_in_place_of_the_folder_is_refused()
    {
        await File.WriteAllTextAsync(_folder["data"], "");
        await AssertRefused(Path.Combine(_folder["data"], "sessions.db"), "folder");
    }

    [Fact]
    public async Task Open_in_a_folder_that_nobody_may_write_is_refused() =>
        await AssertRefused("/sys/sessions.db", "permission"); // refuses new files to root as well

    [Fact]
    public async Task Open_in_a_read_only_folder_with_a_store_is_refused_and_changes_nothing()
    {
        await Fill();
        using var locked = ReadOnly.Make(_folder);
        await AssertRefused(locked.File, "permission", "Read-only");
        Assert.True(File.Exists(locked.File));
    }

    private async Task Fill()
    {
        await using var store = await TestStore.OpenAsync(_folder["sessions.db"]);
        for (var i = 0; i < 200; i++)
        {
            await store.Storage.WriteStateAsync("state", GrainId.Create("row", $"{i}"), new BytesState { State = new(new byte[1000]) });
        }
    }

    private async Task AssertRefusedUntouched(string reason)
    {
        var before = await File.ReadAllBytesAsync(_folder["sessions.db"]);
        await AssertRefused(_folder["sessions.db"], reason);
        Assert.Equal(before, await File.ReadAllBytesAsync(_folder["sessions.db"]));

        // The refused file is nobody's: the one who repairs it must not find it locked.
        await AssertRefused(_folder["sessions.db"], reason);
    }

    private static async Task AssertRefused(string path, params string[] anyReason)
    {
        var error = await Assert.ThrowsAsync<SqliteGrainStorageException>(() => TestStore.OpenAsync(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(anyReason, reason => error.Message.Contains(reason, StringComparison.Ordinal));
        Assert.NotEqual(0, error.Message.Count(c => c == '.'));
    }

    private void Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder["sessions.db"]};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
