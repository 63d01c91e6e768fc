using System.Globalization;
using System.Net;
using static ServerSession.Tests.DormantSite;

namespace ServerSession.Tests;

/// <summary>
/// Nothing is left behind, with the real process: it is killed at random moments while sessions with a short timeout are made, and when it runs
/// again their rows leave the storage although nobody asks for them. <c>DORMANT_ROUNDS</c> sets the number of kills, <c>DORMANT_SEED</c> the choices.
/// </summary>
public sealed class DormantSessionTests
{
    private const int Users = 12;
    private const int Living = 40;

    /// <summary>The mark that old rows were registered, and the heads of the shards in which the living sessions stand: each in one, where the first process died before it wrote the mark.</summary>
    private const int MostIndexRows = 1 + Living;

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

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
