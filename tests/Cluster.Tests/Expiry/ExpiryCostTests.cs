using Orleans.Core.Internal;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;
using ServerSession.Tests.Web;

namespace ServerSession.Tests.Expiry;

/// <summary>What the clean-up costs the storage, through the real middleware.</summary>
public class ExpiryCostTests(ITestOutputHelper output)
{
    private const int Sessions = 2000;

    [Fact]
    public async Task Create_of_sessions_under_load_costs_at_most_a_tenth_of_a_write_more_and_nothing_else_costs_any()
    {
        await using var cluster = await SessionCluster.StartAsync(1, null, SystemTime.Use);
        await using var frontend = await WebFrontend.StartAsync(cluster);
        var index = new IndexWrites(cluster.Store);

        var cookies = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            string? cookie = null;
            for (var number = 0; number < Sessions / 8; number++)
            {
                cookie = (await frontend.SendAsync("PUT", "/write/q")).Cookie;
            }

            return cookie;
        }));

        var created = index.Count;
        Assert.Equal(Sessions, cluster.Store.RowsOf("session").Count);
        output.WriteLine($"{created} writes of the index for {Sessions} sessions: {(double)created / Sessions:0.0000} a session");
        Assert.InRange((double)created / Sessions, 0, 0.1);

        foreach (var cookie in cookies)
        {
            await frontend.SendAsync("GET", "/read", cookie);
            await frontend.SendAsync("PUT", "/write/r", cookie);
            await frontend.SendAsync("POST", "/rotate", cookie);
        }

        Assert.Equal(created, index.Count);
    }

    [Fact]
    public async Task Sweep_of_sessions_that_end_one_by_one_visits_a_page_a_few_times_and_not_once_for_each()
    {
        await using var cluster = await SessionCluster.StartAsync(1, static options => options.Expiry.RowsPerSecond = 1_000_000);
        var terms = new SessionTerms { IdleTimeout = TimeSpan.FromMinutes(20), AbsoluteLifetime = TimeSpan.FromHours(8) };
        var sessions = await cluster.CreateReservedAsync(128, terms);
        foreach (var session in sessions)
        {
            await cluster.Grain(session.Id).Cast<IGrainManagementExtension>().DeactivateOnIdle();
        }

        var index = new IndexWrites(cluster.Store);
        var reads = cluster.Store.Reads;

        // The users leave one after the other within two hours.
        for (var minute = 0; minute < 150; minute++)
        {
            foreach (var session in sessions.Where((_, number) => number >= minute * 128 / 120))
            {
                if (minute % 10 == 9)
                {
                    await session.OpenAsync();
                    await cluster.Grain(session.Id).Cast<IGrainManagementExtension>().DeactivateOnIdle();
                    reads++;
                }
            }

            cluster.Clock.Advance(TimeSpan.FromMinutes(1));
            await cluster.Shard(5).SweepAsync(null);
        }

        output.WriteLine($"{index.Count} writes of the index and {(cluster.Store.Reads - reads) / 128.0:0.0} reads a session for 128 sessions that ended within 150 minutes");
        Assert.Equal(0, cluster.Store.Count);
        Assert.InRange(index.Count, 1, 40);
    }

    private sealed class IndexWrites
    {
        private int _count;

        public IndexWrites(SharedMemoryStore store) => store.BeforeAsync = operation =>
        {
            if (operation.Kind != StorageOperationKind.Read && operation.StateName.StartsWith("expiry", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _count);
            }

            return default;
        };

        public int Count => Volatile.Read(ref _count);
    }
}
