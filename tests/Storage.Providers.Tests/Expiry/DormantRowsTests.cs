using System.Globalization;
using System.Net;
using ServerSession.LocalCluster;
using ServerSession.LocalCluster.Servers;
using ServerSession.Tests.Servers;

namespace ServerSession.Tests.Expiry;

/// <summary>
/// Nothing is left behind on any shared store: sessions with a short timeout are made while silos and frontends are killed at random moments, and
/// their rows leave the store although nobody asks for them again. <c>DORMANT_SESSIONS</c> sets how many are made, <c>DORMANT_KILLS</c> how many
/// processes die meanwhile, <c>DORMANT_SEED</c> the choices, <c>DORMANT_STORE</c> the only store. <c>--explicit on</c> runs it on every store; a machine that is too busy to kill all
/// processes within the sessions' time leaves nothing to clean up, and the test says so.
/// </summary>
public sealed class DormantRowsTests
{
    private const string Service = "server-session";
    private const string IdleTimeout = "ServerSession:IdleTimeout";
    private const int Users = 6;
    private const int Living = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly Dictionary<string, string> Short = new()
    {
        [IdleTimeout] = "00:00:03",
        ["ServerSession:OperationWindow"] = "00:00:06",
        ["ServerSession:RetryBudget"] = "00:00:03",
        ["ServerSession:StorageTimeout"] = "00:00:02",
        ["ServerSession:Expiry:Interval"] = "00:00:01",
        ["ServerSession:Expiry:ReservationTime"] = "00:00:01",
    };

    [Theory]
    [InlineData(StorageKind.Redis, Stores.Redis, Explicit = true)]
    [InlineData(StorageKind.Postgres, Stores.Postgres, Explicit = true)]
    [InlineData(StorageKind.Azurite, Stores.AzureTable, Explicit = true)]
    [InlineData(StorageKind.Azurite, Stores.AzureBlob, Explicit = true)]
    public async Task Rows_of_dead_sessions_leave_the_store_after_every_process_was_killed_and_the_living_stay(StorageKind kind, string store)
    {
        Assert.SkipUnless((Environment.GetEnvironmentVariable("DORMANT_STORE") ?? store) == store, $"DORMANT_STORE names another store than {store}.");
        var dead = Number("DORMANT_SESSIONS") ?? 300;
        var kills = Number("DORMANT_KILLS") ?? 3;
        var seed = Number("DORMANT_SEED") ?? 14;
        Console.WriteLine($"{dead} sessions and {kills} kills on {store} with DORMANT_SEED={seed}");
        var random = new Random(seed);
        using var folder = new TempFolder();

        // PostgreSQL runs as another user, who has to be able to pass through the folder.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        }

        using var cluster = await ProcessCluster.UpAsync(folder.Path, new ProcessClusterOptions { Silos = 2, WebHosts = 2, Storage = kind, Settings = Short });
        try
        {
            if (store == Stores.AzureBlob)
            {
                await MoveToBlobsAsync(cluster);
            }

            using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };
            var living = await CreateLivingAsync(cluster, client);
            await CreateAmongKillsAsync(cluster, client, dead, kills, random);

            // All at once, so that no process remembers any of the sessions.
            await KillAllAsync(cluster);
            var left = await RowsAsync("session");
            Assert.True(left > Living, "No dead session was left by the kills, so the test shows nothing.");
            await StartAllAsync(cluster);

            await UntilAsync(async () => await RowsAsync("session") == Living, async () => $"the rows of dead sessions are gone: {await RowsAsync("session") - Living} of {left - Living} are left.");

            // One head for each shard in which a living session stands.
            await UntilAsync(
                async () => await RowsAsync("expiry-head") <= Living && await RowsAsync("expiry-segment") == 0,
                async () => $"the index is small again: {await RowsAsync("expiry-head")} heads and {await RowsAsync("expiry-segment")} segments are left.");
            Console.WriteLine($"{left - Living} rows of dead sessions left by the kills, none after the sweep; {Living} living sessions and {await RowsAsync("expiry-head")} rows of the index beside them");
            foreach (var cookie in living)
            {
                Assert.Equal("living", await ReadAsync(client, cluster.Frontends[0], cookie));
            }
        }
        finally
        {
            await cluster.DownAsync(CancellationToken.None);
        }

        Task<long> RowsAsync(string state) => StoredRows.CountAsync(store, cluster.Servers[0].ConnectionString, Service, state);
    }

    private static Task KillAllAsync(ProcessCluster cluster) => Task.WhenAll(cluster.Members.Select(member => cluster.KillAsync(member.Role, member.Index)));

    private static async Task StartAllAsync(ProcessCluster cluster)
    {
        foreach (var group in cluster.Members.GroupBy(static member => member.Role))
        {
            await Task.WhenAll(group.Select(async member => await cluster.LaunchAsync(member.Role, member.Index)));
            await Task.WhenAll(group.Select(member => cluster.WaitUntilReadyAsync(member.Role, member.Index)));
        }
    }

    /// <summary>The tool keeps sessions in tables; the silos get the blobs of the same account instead.</summary>
    private static async Task MoveToBlobsAsync(ProcessCluster cluster)
    {
        await KillAllAsync(cluster);
        foreach (var silo in cluster.Members.Where(static member => member.Role == MemberRole.Silo))
        {
            await cluster.ChangeSettingsAsync(MemberRole.Silo, silo.Index, static settings => settings["Orleans:GrainStorage:sessions:ProviderType"] = Stores.AzureBlob);
        }

        await StartAllAsync(cluster);
    }

    /// <summary>Sessions that live long, made by a frontend that gives them other terms.</summary>
    private static async Task<List<string>> CreateLivingAsync(ProcessCluster cluster, HttpClient client)
    {
        await cluster.ChangeSettingsAsync(MemberRole.WebHost, 2, static settings => settings[IdleTimeout] = "02:00:00");
        await cluster.KillAsync(MemberRole.WebHost, 2);
        await cluster.StartAsync(MemberRole.WebHost, 2);
        List<string> cookies = [];
        while (cookies.Count < Living)
        {
            if (await CreateAsync(client, cluster.Frontends[1], "living") is { } cookie)
            {
                cookies.Add(cookie);
            }
        }

        await cluster.KillAsync(MemberRole.WebHost, 2);
        await cluster.ChangeSettingsAsync(MemberRole.WebHost, 2, static settings => settings[IdleTimeout] = Short[IdleTimeout]);
        await cluster.StartAsync(MemberRole.WebHost, 2);
        return cookies;
    }

    /// <summary>Makes so many sessions, and kills and starts a random member whenever a random number of them is reached.</summary>
    private static async Task CreateAmongKillsAsync(ProcessCluster cluster, HttpClient client, int goal, int kills, Random random)
    {
        var moments = Enumerable.Range(0, kills).Select(_ => random.Next(goal / 10, goal)).Order().ToArray();
        var victims = moments.Select(_ => cluster.Members[random.Next(cluster.Members.Count)]).ToArray();
        var reached = moments.Select(static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var made = 0;
        var users = Enumerable.Range(0, Users).Select(user => Task.Run(async () =>
        {
            for (var turn = user; Volatile.Read(ref made) < goal; turn++)
            {
                if (await CreateAsync(client, cluster.Frontends[turn % 2], "abandoned") is not null)
                {
                    var number = Interlocked.Increment(ref made);
                    for (var moment = 0; moment < moments.Length; moment++)
                    {
                        if (moments[moment] == number)
                        {
                            reached[moment].TrySetResult();
                        }
                    }
                }
            }
        })).ToArray();
        for (var moment = 0; moment < kills; moment++)
        {
            await reached[moment].Task.WaitAsync(Patience);
            await cluster.KillAsync(victims[moment].Role, victims[moment].Index);
            await cluster.StartAsync(victims[moment].Role, victims[moment].Index);
        }

        await Task.WhenAll(users).WaitAsync(Patience);
    }

    /// <summary>The cookie of a new session; null where the request failed, as it may while processes die.</summary>
    private static async Task<string?> CreateAsync(HttpClient client, Uri frontend, string value)
    {
        try
        {
            using var response = await client.PutAsync(new Uri(frontend, "/session/data/name"), new StringContent(value));
            return response.IsSuccessStatusCode ? Assert.Single(response.Headers.GetValues("Set-Cookie")).Split(';')[0] : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task<string> ReadAsync(HttpClient client, Uri frontend, string cookie)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(frontend, "/session/data/name"));
            request.Headers.Add("Cookie", cookie);
            using var response = await client.SendAsync(request);
            if (response.StatusCode != HttpStatusCode.ServiceUnavailable)
            {
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                return await response.Content.ReadAsStringAsync();
            }

            await Task.Delay(200);
        }
    }

    /// <summary>Waits for what comes by itself; the time only ends a test that has failed.</summary>
    private static async Task UntilAsync(Func<Task<bool>> condition, Func<Task<string>> what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"It did not happen that {await what()}");
            await Task.Delay(500);
        }
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
