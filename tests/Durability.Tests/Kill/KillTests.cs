using System.Collections.Concurrent;
using System.Globalization;

namespace ServerSession.Tests;

/// <summary>
/// Acknowledged changes survive and dead stays dead, with the real process: it is killed under load again and again, and what its users were told holds.
/// <c>KILL_ROUNDS</c> sets the number of kills, <c>KILL_SEED</c> repeats a run's choices; <c>./kill.sh 100</c> sets both.
/// </summary>
public sealed class KillTests
{
    private const int Users = 16;
    private const int Sessions = 60;
    private const int DeadTokensSampled = 150;

    private static readonly int[] CheckpointPages = [1000, 100, 4];

    [Fact]
    public async Task Kill_of_a_process_under_load_leaves_what_was_acknowledged_in_every_later_round()
    {
        var rounds = Number("KILL_ROUNDS") ?? 5;
        var seed = Number("KILL_SEED") ?? 31;
        Console.WriteLine($"{rounds} kills with KILL_SEED={seed}");
        var random = new Random(seed);
        using var folder = new TempFolder();
        var site = new Site(folder.Path);
        ConcurrentBag<Visit> visits = [];
        HashSet<string> dead = [];
        var total = 0L;
        for (var round = 1; round <= rounds; round++)
        {
            var pages = CheckpointPages[random.Next(CheckpointPages.Length)];
            var load = await LoadAndKillAsync(site, visits, random, goal: random.Next(50, 3000),
                string.Create(CultureInfo.InvariantCulture, $"--Orleans:GrainStorage:sessions:CheckpointPages={pages}"));
            total += load.Acknowledged;
            Assert.Equal("ok", StoredFile.Integrity(site.DataPath));
            if (random.Next(4) == 0)
            {
                await site.StartAndKillAsync(TimeSpan.FromMilliseconds(random.Next(200, 1200)));
            }

            await using var process = await site.StartAsync();
            using var api = new SessionApi(site.Address);
            var check = new Check(api);
            Visit[] all = [.. load.Sessions];
            var doubts = all.Count(static visit => visit.MayBeGone && !visit.IsGone);
            await check.AllAsync(all);
            var fresh = all.SelectMany(static visit => visit.DeadCookies).Where(dead.Add).ToArray();
            await check.DeadAsync(fresh.Concat(random.GetItems(dead.ToArray(), Math.Min(DeadTokensSampled, dead.Count))));
            Console.WriteLine($"round {round}: {load.Acknowledged} changes acknowledged, {all.Count(static visit => !visit.IsGone)} sessions live, "
                + $"{fresh.Length} tokens newly dead, {doubts} ends or rotations in doubt");
            Assert.True(!check.Faults.Any(), $"Round {round} of KILL_SEED={seed}:{Environment.NewLine}"
                + string.Join(Environment.NewLine, check.Faults.Take(20)) + Environment.NewLine + process.Output);
            Keep(visits, all);
        }

        Console.WriteLine($"{total} acknowledged changes over {rounds} kills, none lost; {dead.Count} dead tokens, none opened");
        Assert.True(dead.Count > 0 && !visits.IsEmpty, "The load neither kept nor ended sessions.");
    }

    [Fact]
    public async Task Kill_of_a_process_with_write_behind_under_load_loses_changes_and_brings_nothing_back()
    {
        var random = new Random(32);
        using var folder = new TempFolder();
        var site = new Site(folder.Path);
        string[] writeBehind = ["--ServerSession:Durability=WriteBehind", "--ServerSession:WriteBehindInterval=01:00:00"];
        var load = await LoadAndKillAsync(site, [], random, goal: 1000, writeBehind);

        await using var process = await site.StartAsync(writeBehind);
        using var api = new SessionApi(site.Address);
        var check = new Check(api);
        await check.DeadAsync(load.Left.SelectMany(static visit => visit.DeadCookies));
        Assert.Empty(check.Faults);

        // It also shows that the checks of the other test find a loss where there is one.
        await check.AllAsync(load.Sessions);
        Assert.NotEmpty(check.Faults);
        Assert.All(check.Faults, static fault => Assert.Matches("^session .* (holds nothing|holds [0-9a-f]{8}|counted to)", fault));
    }

    /// <summary>Kills the process at a random moment of the load: after so many acknowledgements and, so that it is in the middle of other
    /// writes, a random moment more.</summary>
    private static async Task<Load> LoadAndKillAsync(Site site, ConcurrentBag<Visit> visits, Random random, int goal, params string[] arguments)
    {
        await using var process = await site.StartAsync(arguments);
        using var api = new SessionApi(site.Address);
        var load = new Load(api, visits, Users, Sessions, random.Next());
        await load.StartAsync(goal).WaitAsync(TimeSpan.FromMinutes(3));
        await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * 5));
        await process.KillAsync();
        await load.Done.WaitAsync(TimeSpan.FromMinutes(3));
        Assert.True(load.Acknowledged >= goal, $"The server ended by itself:{Environment.NewLine}{process.Output}");
        return load;
    }

    private static void Keep(ConcurrentBag<Visit> visits, IEnumerable<Visit> all)
    {
        visits.Clear();
        foreach (var visit in all.Where(static visit => !visit.IsGone))
        {
            visits.Add(visit);
        }
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
