using System.Text;
using Microsoft.Data.Sqlite;

namespace ServerSession.Tests.Storage;

public sealed class KillTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Kill_of_the_owner_leaves_what_was_acknowledged_and_nothing_that_was_cleared()
    {
        Dictionary<string, char> last = [];
        for (var round = 1; round <= 3; round++)
        {
            var path = _folder[$"round{round}.db"];
            using var process = await CrashingProcess.StartAsync(path);
            var lines = await process.KillAfterAsync(700 * round);
            foreach (var line in lines)
            {
                // A line without its full stop was cut off by the kill.
                if (line.EndsWith('.'))
                {
                    last[line[2..^1]] = line[0];
                }
            }

            await AssertKept(path, last);
            AssertSound(path);
            last.Clear();
        }
    }

    [Fact]
    public async Task Open_of_a_file_that_another_process_owns_fails_until_that_is_killed()
    {
        var path = _folder["sessions.db"];
        using var process = await CrashingProcess.StartAsync(path);
        var error = await Assert.ThrowsAsync<ServerSession.Storage.SqliteGrainStorageException>(() => TestStore.OpenAsync(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("another process", error.Message, StringComparison.Ordinal);

        var waiting = TestStore.OpenAsync(path, options => options.LockTimeout = TimeSpan.FromMinutes(1));
        Assert.False(waiting.IsCompleted);
        await process.KillAfterAsync(1);
        await using var store = await waiting.WaitAsync(Eventually.Patience);
    }

    private static async Task AssertKept(string path, Dictionary<string, char> last)
    {
        await using var store = await TestStore.OpenAsync(path);
        foreach (var (key, done) in last)
        {
            var state = new BytesState();
            await store.Storage.ReadStateAsync("state", GrainId.Create("crash", key), state);
            var value = Encoding.UTF8.GetString(state.State.Bytes);
            var isCleared = int.Parse(key.AsSpan(key.IndexOf('-', StringComparison.Ordinal) + 1), null) % 3 == 0;

            // What was not acknowledged any more may have happened as well: the update after an insert, the clear after an update.
            if (done == 'C' || (isCleared && !state.RecordExists && done == 'U'))
            {
                Assert.False(state.RecordExists, $"{key} came back.");
            }
            else if (done == 'U')
            {
                Assert.StartsWith($"{key} version 2", value, StringComparison.Ordinal);
            }
            else
            {
                Assert.StartsWith($"{key} version", value, StringComparison.Ordinal);
            }
        }
    }

    private static void AssertSound(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check;";
        Assert.Equal("ok", command.ExecuteScalar());
    }
}
