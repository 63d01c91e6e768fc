using System.Globalization;
using System.Net;

namespace ServerSession.Tests;

/// <summary>
/// Nothing is left behind, with the real process: it is killed at random moments while sessions with a short timeout are made, and when it runs
/// again their rows leave the storage although nobody asks for them. <c>DORMANT_ROUNDS</c> sets the number of kills, <c>DORMANT_SEED</c> the choices.
/// </summary>
public sealed class DormantSessionTests
{
    private const int Users = 12;
    private const int Living = 40;
    private const int Attempts = 5;

    /// <summary>The mark that old rows were registered, and the heads of the shards in which the living sessions stand: each in one, where the first process died before it wrote the mark.</summary>
    private const int MostIndexRows = 1 + Living;

    /// <summary>What the log says when old rows were registered.</summary>
    private const string Registered = "sessions that were stored before the clean-up index existed are registered in it now";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly string[] Short =
    [
        "--ServerSession:IdleTimeout=00:00:03",
        "--ServerSession:OperationWindow=00:00:04",
        "--ServerSession:RetryBudget=00:00:01",
        "--ServerSession:StorageTimeout=00:00:01",
        "--ServerSession:Expiry:Interval=00:00:01",
        "--ServerSession:Expiry:ReservationTime=00:00:01",
    ];

    [Fact]
    public async Task Rows_of_dead_sessions_leave_the_storage_although_the_process_was_killed_and_the_living_stay()
    {
        var rounds = Number("DORMANT_ROUNDS") ?? 3;
        var seed = Number("DORMANT_SEED") ?? 14;
        Console.WriteLine($"{rounds} kills with DORMANT_SEED={seed}");
        var random = new Random(seed);
        using var folder = new TempFolder();
        var site = new Site(folder.Path);
        var living = await CreateLivingAsync(site);
        var made = 0;
        for (var round = 0; round < rounds; round++)
        {
            made += await CreateAndKillAsync(site, random.Next(200, 1200), TimeSpan.FromMilliseconds(random.NextDouble() * 20));
        }

        var left = Rows(site, "session");
        Assert.True(left > Living, "No dead session was left by the kills, so the test shows nothing.");

        await using var process = await site.StartAsync(Short);
        using var api = new SessionApi(site.Address);
        await UntilAsync(() => Rows(site, "session") == Living, () => $"the rows of dead sessions are gone: {Rows(site, "session") - Living} of {left - Living} are left.{Environment.NewLine}{process.Output}");
        await UntilAsync(() => Rows(site, "expiry%") <= MostIndexRows, () => $"the index is small again: {Rows(site, "expiry%")} rows are left.");
        Console.WriteLine($"{made} sessions made, {left - Living} rows left by {rounds} kills, none after the sweep; {Living} living sessions and {Rows(site, "expiry%")} rows of the index beside them");
        foreach (var cookie in living)
        {
            // The short budget of this host may be over where the machine stands still.
            var status = HttpStatusCode.ServiceUnavailable;
            await Eventually.HoldsAsync(
                async () => (status = (await api.ReadAsync(cookie, "name")).Status ?? HttpStatusCode.ServiceUnavailable) != HttpStatusCode.ServiceUnavailable,
                static () => "a living session was read");
            Assert.Equal(HttpStatusCode.OK, status);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Marks_of_sessions_that_were_destroyed_right_after_their_creation_leave_the_storage(bool planned)
    {
        using var folder = new TempFolder();
        var site = new Site(folder.Path);
        await LeaveRowsAsync(site, async (api, process) =>
        {
            for (var number = 0; number < 5; number++)
            {
                var cookie = await api.CreateAsync("name", "value");
                await Eventually.HoldsAsync(async () => (await api.DestroyAsync(cookie)).Status == HttpStatusCode.NoContent, static () => "the session was destroyed");
            }

            if (planned)
            {
                Assert.Equal(0, await process.TerminateAsync());
            }
        });
        await using var next = await site.StartAsync(Short);
        await UntilAsync(() => Rows(site, "session") == 0, () => $"the marks are gone: {Rows(site, "session")} are left.{Environment.NewLine}{next.Output}");
        await UntilAsync(() => Rows(site, "expiry%") <= 1, () => $"the index is gone: {Rows(site, "expiry%")} rows are left.");
    }

    [Fact]
    public async Task Rows_of_a_file_from_before_the_index_are_registered_once_and_the_dead_leave_it()
    {
        const int Dead = 30;
        using var folder = new TempFolder();
        var site = new Site(folder.Path);
        await LeaveRowsAsync(site, (api, _) => CreateAsync(api, Dead));

        // A build without the index has left no row of it.
        StoredFile.Execute(site.DataPath, "DELETE FROM grain_state WHERE state_name LIKE 'expiry%'");
        await using (var first = await site.StartAsync(Short))
        {
            await first.WaitForOutputAsync(Registered);
            await UntilAsync(() => Rows(site, "session") == 0, () => $"the rows of dead sessions are gone: {Rows(site, "session")} are left.{Environment.NewLine}{first.Output}");
            Assert.Equal(1, Rows(site, "expiry-backfill"));
            await first.KillAsync();
        }

        // A silo looks for old rows before it sweeps, so these would be registered again if it did not know that this was done.
        await LeaveRowsAsync(site, static (api, _) => CreateAsync(api, 5));
        await using var second = await site.StartAsync(Short);
        await UntilAsync(() => Rows(site, "session") == 0, () => $"the rows of the sessions after the registration are gone.{Environment.NewLine}{second.Output}");
        Assert.DoesNotContain(Registered, second.Output, StringComparison.Ordinal);
    }

    /// <summary>Leaves rows of sessions in the file of a host that was killed. On a machine that stands still they may leave before the host does; then it is done again.</summary>
    private static async Task LeaveRowsAsync(Site site, Func<SessionApi, HostProcess, Task> use)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using (var process = await site.StartAsync(Short))
            {
                using var api = new SessionApi(site.Address);
                await use(api, process);
            }

            if (Rows(site, "session") != 0)
            {
                return;
            }

            Assert.True(attempt < Attempts, "No row of a session was left, so the test shows nothing.");
        }
    }

    private static async Task CreateAsync(SessionApi api, int count)
    {
        for (; count > 0; count--)
        {
            await api.CreateAsync("name", "value");
        }
    }

    private static async Task<List<string>> CreateLivingAsync(Site site)
    {
        await using var process = await site.StartAsync("--ServerSession:IdleTimeout=02:00:00", "--ServerSession:RetryBudget=00:00:13");
        using var api = new SessionApi(site.Address);
        List<string> cookies = [];
        while (cookies.Count < Living)
        {
            cookies.Add(await api.CreateAsync("name", "value"));
        }

        await process.KillAsync();
        return cookies;
    }

    /// <summary>Kills the process a random moment after so many sessions were made.</summary>
    private static async Task<int> CreateAndKillAsync(Site site, int goal, TimeSpan more)
    {
        await using var process = await site.StartAsync(Short);
        using var api = new SessionApi(site.Address);
        var made = 0;
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = new CancellationTokenSource();
        var users = Enumerable.Range(0, Users).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var answer = await api.WriteAsync(null, "name", "value");
                if (answer.Cookie is not null && Interlocked.Increment(ref made) == goal)
                {
                    reached.SetResult();
                }
            }
        })).ToArray();
        await reached.Task.WaitAsync(Patience);
        await Task.Delay(more);
        await process.KillAsync();
        await stop.CancelAsync();
        await Task.WhenAll(users).WaitAsync(Patience);
        return made;
    }

    private static long Rows(Site site, string stateName) =>
        StoredFile.Scalar<long>(site.DataPath, $"SELECT count(*) FROM grain_state WHERE state_name LIKE '{stateName}'");

    /// <summary>Waits for what comes by itself; the time only ends a test that has failed.</summary>
    private static async Task UntilAsync(Func<bool> condition, Func<string> what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"It did not happen that {what()}");
            await Task.Delay(200);
        }
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
