using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace ServerSession.Tests;

/// <summary>
/// The real process while its disk takes no writes: it says so, loses nothing it acknowledged, goes on serving reads, and writes again as soon
/// as the disk does, without a restart.
/// </summary>
public sealed class DiskTests
{
    private const int Users = 8;
    private const int Sessions = 40;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // A long idle timeout keeps touches out of the storage; a short budget keeps the refusals quick.
    private static readonly string[] Arguments = ["--ServerSession:IdleTimeout=02:00:00", "--ServerSession:RetryBudget=00:00:00.5"];

    [Fact]
    public async Task Write_to_a_full_disk_is_refused_and_works_again_when_there_is_room()
    {
        using var folder = new TempFolder();
        // So small that a log that was never moved into the database file, because it began to count again after each failure, took it all.
        using var disk = new SmallDisk(megabytes: 8);
        var site = new Site(folder.Path, disk.Path);

        await RefuseAndRecoverAsync(site, "is full. Free some space", () => disk.Fill(), () => disk.MakeRoom());
    }

    [Fact]
    public async Task Write_to_a_read_only_file_is_refused_and_works_again_when_it_is_writable()
    {
        using var folder = new TempFolder();
        var site = new Site(folder.Path);
        Frozen? frozen = null;
        try
        {
            // Not the file that ends in -shm: it is mapped into memory, where a refused write ends the process instead of failing.
            await RefuseAndRecoverAsync(
                site, "is read-only. Make the file and its folder writable", () => frozen = new(site.DataPath, site.DataPath + "-wal"), () =>
                {
                    frozen!.Dispose();
                    frozen = null;
                });
        }
        finally
        {
            frozen?.Dispose();
        }
    }

    private static async Task RefuseAndRecoverAsync(Site site, string explanation, Action breakDisk, Action mendDisk)
    {
        ConcurrentBag<Visit> visits = [];
        await using var process = await site.StartAsync(Arguments);
        using var api = new SessionApi(site.Address);
        var load = new Load(api, visits, Users, Sessions, seed: 33);
        await PhaseAsync("500 changes on a healthy disk", load.StartAsync(goal: 500), load, process);

        var own = await api.CreateAsync("own", "session");

        // A disk is full for those who need more of it: changes of the same sessions would go on in the space they have.
        load.Population = int.MaxValue;
        breakDisk();
        await PhaseAsync("refusals on a broken disk", load.RefusedAsync(Users * 2), load, process);
        await PhaseAsync("answers to everybody", load.StopAsync(), load, process);
        await AssertRefusesClearlyAsync(api, own);
        await AssertHoldsAsync(api, load, process);
        await process.WaitForOutputAsync(explanation);
        Assert.Contains(site.DataPath, process.Output, StringComparison.Ordinal);

        mendDisk();
        Keep(visits, load);
        var again = new Load(api, visits, Users, Sessions, seed: 34);
        await PhaseAsync("500 changes on the mended disk", again.StartAsync(goal: 500), again, process);
        await PhaseAsync("answers to everybody", again.StopAsync(), again, process);
        await AssertHoldsAsync(api, again, process);
        await process.WaitForOutputAsync("succeed again");

        await process.KillAsync();
        Assert.Equal("ok", StoredFile.Integrity(site.DataPath));
        await using var restarted = await site.StartAsync(Arguments);
        await AssertHoldsAsync(api, again, restarted);
    }

    private static async Task PhaseAsync(string what, Task phase, Load load, HostProcess process)
    {
        try
        {
            await phase.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            var faults = load.Sessions.SelectMany(static visit => visit.Faults).Take(5);
            throw new TimeoutException($"There were no {what}; {load.Acknowledged} changes were acknowledged, users are {load.Done.Status}, the exit code is {process.ExitCode}."
                + $"{Environment.NewLine}{string.Join(Environment.NewLine, faults)}{Environment.NewLine}{process.Output}");
        }
    }

    private static async Task AssertRefusesClearlyAsync(SessionApi api, string own)
    {
        Answer[] answers =
        [
            await RefusedAsync(() => api.WriteAsync(null, "new", "session")),
            await RefusedAsync(async () =>
            {
                var answer = await api.RotateAsync(own);
                own = answer.Cookie ?? own;
                return answer;
            }),
        ];
        foreach (var answer in answers)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
            Assert.Null(answer.Cookie);
            Assert.Contains("Repeat the request later", JsonSerializer.Deserialize<JsonElement>(answer.Text).GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        // Reads are served, so the host stays in traffic.
        Assert.Equal(HttpStatusCode.OK, (await api.ReadyAsync()).Status);
    }

    /// <summary>Repeats a change until it is refused: a log that was moved into the file after the last refusal has room for some more.</summary>
    private static async Task<Answer> RefusedAsync(Func<Task<Answer>> change)
    {
        for (var tries = 0; ; tries++)
        {
            var answer = await change();
            if (answer.Status != HttpStatusCode.NoContent || tries == 5000)
            {
                return answer;
            }
        }
    }

    private static async Task AssertHoldsAsync(SessionApi api, Load load, HostProcess process)
    {
        var check = new Check(api);
        await check.AllAsync(load.Sessions);
        await check.DeadAsync(load.Sessions.SelectMany(static visit => visit.DeadCookies));
        Assert.True(!check.Faults.Any(), string.Join(Environment.NewLine, check.Faults.Take(20)) + Environment.NewLine + process.Output);
    }

    private static void Keep(ConcurrentBag<Visit> visits, Load load)
    {
        foreach (var visit in load.Left.Where(static visit => !visit.IsGone))
        {
            visits.Add(visit);
        }
    }
}
