using System.Diagnostics;
using System.Globalization;
using System.Text;
using ServerSession.Storage;

namespace ServerSession.Tests.Storage;

/// <summary>A database file and a write-ahead log that lie beside each other but do not belong together: a backup put back the wrong way.</summary>
public sealed class ForeignLogTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_of_an_older_file_beside_the_log_of_a_kill_is_refused_and_changes_nothing()
    {
        await MakeBackupAsync();
        using (var process = await CrashingProcess.StartAsync(_folder.File()))
        {
            await process.KillAfterAsync(700);
        }

        Assert.True(new FileInfo(_folder.File() + "-wal").Length > 0, "The kill left no log, so this test showed nothing.");
        File.Copy(_folder.File("backup.db"), _folder.File(), overwrite: true);
        var log = await File.ReadAllBytesAsync(_folder.File() + "-wal");

        var error = await Assert.ThrowsAsync<SqliteGrainStorageException>(() => TestStore.OpenAsync(_folder.File()));

        Assert.Contains($"'{_folder.File()}-wal'", error.Message, StringComparison.Ordinal);
        Assert.Contains("away", error.Message, StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllBytesAsync(_folder.File("backup.db")), await File.ReadAllBytesAsync(_folder.File()));
        Assert.Equal(log, await File.ReadAllBytesAsync(_folder.File() + "-wal"));

        File.Delete(_folder.File() + "-wal");
        File.Delete(_folder.File() + "-shm");
        await using var store = await TestStore.OpenAsync(_folder.File());
        Assert.Equal(1, await store.Storage.CountAsync());
    }

    [Fact]
    public async Task Open_of_a_newer_file_beside_an_old_log_is_refused()
    {
        using (var process = await CrashingProcess.StartAsync(_folder.File()))
        {
            await process.KillAfterAsync(300);
        }

        File.Copy(_folder.File() + "-wal", _folder.File("old-wal"));
        await MakeBackupAsync();
        await MakeBackupAsync();
        File.Copy(_folder.File("old-wal"), _folder.File() + "-wal", overwrite: true);

        await Assert.ThrowsAsync<SqliteGrainStorageException>(() => TestStore.OpenAsync(_folder.File()));
    }

    [Fact]
    public async Task Open_after_kill_after_kill_always_starts()
    {
        for (var round = 1; round <= 6; round++)
        {
            using var process = await CrashingProcess.StartAsync(_folder.File(), $"round{round}.");
            await process.KillAfterAsync(97 * round);
        }

        await using var store = await TestStore.OpenAsync(_folder.File());
        Assert.True(await store.Storage.CountAsync() > 0);
    }

    [Fact]
    public async Task Open_of_a_store_of_an_earlier_version_after_a_kill_starts()
    {
        await MakeBackupAsync();
        Run("DROP TABLE log_stamp;", _folder.File());
        await using (await TestStore.OpenAsync(_folder.File()))
        {
            CopySet("crashed");
        }

        await using var store = await TestStore.OpenAsync(_folder.File("crashed.db"));
        Assert.Equal(1, await store.Storage.CountAsync());
    }

    /// <summary>Every file of a running store beside every log of it: a start either is refused or finds exactly the state of the log.</summary>
    [Fact]
    public async Task Open_of_any_file_beside_any_log_is_refused_or_finds_the_state_of_the_log()
    {
        const int States = 12;
        await using (var store = await TestStore.OpenAsync(_folder.File(), static options => options.CheckpointPages = 15))
        {
            var counter = new BytesState();
            for (var state = 0; state < States; state++)
            {
                counter.State = new(Encoding.UTF8.GetBytes(state.ToString(CultureInfo.InvariantCulture)));
                await store.Storage.WriteStateAsync("state", GrainId.Create("the", "counter"), counter);
                CopySet($"set{state}");
                await store.Storage.WriteStateAsync("state", GrainId.Create("row", $"{state}"), new BytesState { State = new(new byte[9000]) });
            }
        }

        var refused = 0;
        for (var file = 0; file < States; file++)
        {
            for (var log = 0; log < States; log++)
            {
                if (new FileInfo(_folder.File($"set{log}.db-wal")).Length == 0)
                {
                    continue;
                }

                var path = _folder.File($"mixed-{file}-{log}.db");
                File.Copy(_folder.File($"set{file}.db"), path);
                File.Copy(_folder.File($"set{log}.db-wal"), path + "-wal");
                try
                {
                    await using var store = await TestStore.OpenAsync(path);
                    var counter = new BytesState();
                    await store.Storage.ReadStateAsync("state", GrainId.Create("the", "counter"), counter);
                    Assert.Equal($"{log}", Encoding.UTF8.GetString(counter.State.Bytes));
                }
                catch (SqliteGrainStorageException)
                {
                    Assert.NotEqual(file, log);
                    refused++;
                }
            }
        }

        Assert.True(refused > States, $"Only {refused} were refused: the log was hardly ever begun again, so this test showed little.");
    }

    private async Task MakeBackupAsync()
    {
        await using (var store = await TestStore.OpenAsync(_folder.File()))
        {
            var state = new BytesState();
            await store.Storage.ReadStateAsync("state", GrainId.Create("a", "b"), state);
            await store.Storage.WriteStateAsync("state", GrainId.Create("a", "b"), state);
        }

        File.Copy(_folder.File(), _folder.File("backup.db"), overwrite: true);
    }

    /// <summary>Copies the files of the open store as a kill would leave them; by another process, because a close of theirs here drops SQLite's locks.</summary>
    private void CopySet(string name)
    {
        using var copy = Process.Start("sh", ["-c", "cp \"$1\" \"$2\" && cp \"$1-wal\" \"$2-wal\"", "sh", _folder.File(), _folder.File($"{name}.db")]);
        copy.WaitForExit();
        Assert.Equal(0, copy.ExitCode);
    }

    private static void Run(string sql, string path)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
