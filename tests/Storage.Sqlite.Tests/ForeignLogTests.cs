using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using ServerSession.Storage;

namespace ServerSession.Tests.Storage;

/// <summary>A database file and a write-ahead log that lie beside each other but do not belong together: a backup put back the wrong way.</summary>
public sealed class ForeignLogTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_of_an_older_file_beside_the_log_of_a_kill_is_refused_and_changes_nothing()
    {
        await MakeBackupAsync();
        for (var kill = 1; kill == 1 || !HasTransaction(_folder["sessions.db"] + "-wal"); kill++)
        {
            Assert.True(kill <= 10, "Ten kills left no log with a transaction, so this test showed nothing.");
            using var process = await CrashingProcess.StartAsync(_folder["sessions.db"], $"kill{kill}.");
            await process.KillAfterAsync(700);
        }

        File.Copy(_folder["backup.db"], _folder["sessions.db"], overwrite: true);
        var log = await File.ReadAllBytesAsync(_folder["sessions.db"] + "-wal");

        var error = await Assert.ThrowsAsync<SqliteGrainStorageException>(() => TestStore.OpenAsync(_folder["sessions.db"]));

        Assert.Contains($"'{_folder["sessions.db"]}-wal'", error.Message, StringComparison.Ordinal);
        Assert.Contains("away", error.Message, StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllBytesAsync(_folder["backup.db"]), await File.ReadAllBytesAsync(_folder["sessions.db"]));
        Assert.Equal(log, await File.ReadAllBytesAsync(_folder["sessions.db"] + "-wal"));

        File.Delete(_folder["sessions.db"] + "-wal");
        File.Delete(_folder["sessions.db"] + "-shm");
        await using var store = await TestStore.OpenAsync(_folder["sessions.db"]);
        Assert.Equal(1, await store.Storage.CountAsync());
    }

    [Fact]
    public async Task Open_of_a_newer_file_beside_an_old_log_is_refused()
    {
        using (var process = await CrashingProcess.StartAsync(_folder["sessions.db"]))
        {
            await process.KillAfterAsync(300);
        }

        File.Copy(_folder["sessions.db"] + "-wal", _folder["old-wal"]);
        await MakeBackupAsync();
        await MakeBackupAsync();
        File.Copy(_folder["old-wal"], _folder["sessions.db"] + "-wal", overwrite: true);

        await Assert.ThrowsAsync<SqliteGrainStorageException>(() => TestStore.OpenAsync(_folder["sessions.db"]));
    }

    [Fact]
    public async Task Open_after_kill_after_kill_always_starts()
    {
        for (var round = 1; round <= 6; round++)
        {
            using var process = await CrashingProcess.StartAsync(_folder["sessions.db"], $"round{round}.");
            await process.KillAfterAsync(97 * round);
        }

        await using var store = await TestStore.OpenAsync(_folder["sessions.db"]);
        Assert.True(await store.Storage.CountAsync() > 0);
    }

    [Fact]
    public async Task Open_of_a_store_of_an_earlier_version_after_a_kill_starts()
    {
        await MakeBackupAsync();
        Run("DROP TABLE log_stamp;", _folder["sessions.db"]);
        await using (await TestStore.OpenAsync(_folder["sessions.db"]))
        {
            CopySet("crashed");
        }

        await using var store = await TestStore.OpenAsync(_folder["crashed.db"]);
        Assert.Equal(1, await store.Storage.CountAsync());
    }

    /// <summary>Every file of a running store beside every log of it: a start either is refused or finds exactly the state of the log.</summary>
    [Fact]
    public async Task Open_of_any_file_beside_any_log_is_refused_or_finds_the_state_of_the_log()
    {
        const int States = 12;
        await using (var store = await TestStore.OpenAsync(_folder["sessions.db"], static options => options.CheckpointPages = 15))
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
                if (new FileInfo(_folder[$"set{log}.db-wal"]).Length == 0)
                {
                    continue;
                }

                var path = _folder[$"mixed-{file}-{log}.db"];
                File.Copy(_folder[$"set{file}.db"], path);
                File.Copy(_folder[$"set{log}.db-wal"], path + "-wal");
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
        await using (var store = await TestStore.OpenAsync(_folder["sessions.db"]))
        {
            var state = new BytesState();
            await store.Storage.ReadStateAsync("state", GrainId.Create("a", "b"), state);
            await store.Storage.WriteStateAsync("state", GrainId.Create("a", "b"), state);
        }

        File.Copy(_folder["sessions.db"], _folder["backup.db"], overwrite: true);
    }

    /// <summary>Whether a log holds what SQLite would replay. One that a kill met while it began again holds nothing, and belongs to any file.</summary>
    /// <remarks>A frame belongs to the log if it has the header's two salts (bytes 16 to 24 of the log, 8 to 16 of the frame); the last one of a transaction has the file's size in bytes 4 to 8.</remarks>
    private static bool HasTransaction(string path)
    {
        const int Header = 32;
        const int FrameHeader = 24;
        var log = File.ReadAllBytes(path).AsSpan();
        if (log.Length < Header)
        {
            return false;
        }

        var salts = log[16..24];
        var frame = FrameHeader + (int)BinaryPrimitives.ReadUInt32BigEndian(log[8..]);
        for (var at = Header; at + frame <= log.Length && log[(at + 8)..(at + 16)].SequenceEqual(salts); at += frame)
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(log[(at + 4)..]) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Copies the files of the open store as a kill would leave them; by another process, because a close of theirs here drops SQLite's locks.</summary>
    private void CopySet(string name)
    {
        using var copy = Process.Start("sh", ["-c", "cp \"$1\" \"$2\" && cp \"$1-wal\" \"$2-wal\"", "sh", _folder["sessions.db"], _folder[$"{name}.db"]]);
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
