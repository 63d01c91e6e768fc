using System.Globalization;
using System.Net;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Web;

/// <summary>Requests without a valid token are cheap: a request without a valid token costs no activation and no storage access, and creates no session.</summary>
public class InvalidTokensAreCheapTests
{
    private const int Seed = 20260101;

    /// <summary>More requests than in every build: set it to try for minutes, within the idle timeout of the two sessions.</summary>
    private const string CountVariable = "SERVER_SESSION_HOSTILE_REQUESTS";

    /// <summary>A token under an unknown key may be one of a key that was just made, so the ring is read again, but at most this often.</summary>
    private static readonly TimeSpan KeyRingPause = TimeSpan.FromSeconds(5);

    private static readonly (HttpMethod Method, string Path, string Body)[] Uses =
        [(HttpMethod.Get, "/read", "none"), (HttpMethod.Post, "/rotate", ""), (HttpMethod.Get, "/read", "none"), (HttpMethod.Post, "/destroy", "")];

    [Theory]
    [InlineData(1, 200_000)]
    [InlineData(3, 10_000)]
    public async Task Token_that_is_hostile_costs_no_grain_call_no_storage_call_and_no_error(short silos, int requests)
    {
        var counter = new RequestCostTests.CallCounter();
        await using var cluster = await SessionCluster.StartAsync(silos, null, silo => { SystemTime.Use(silo); silo.AddIncomingGrainCallFilter(counter); });
        await using var frontend = await WebFrontend.StartAsync(cluster);
        var valid = (await frontend.SendAsync("PUT", "/write/q")).Cookie!;
        var otherValid = (await frontend.SendAsync("PUT", "/write/other")).Cookie!;
        var calls = counter.Calls;
        var keyReads = counter.KeyReads;
        var began = TimeProvider.System.GetTimestamp();
        var storage = cluster.StorageCalls;
        var activations = await ActivationsAsync(cluster);
        var count = int.TryParse(Environment.GetEnvironmentVariable(CountVariable), CultureInfo.InvariantCulture, out var more) ? more : requests;
        var hostile = new HostileRequests(Seed, valid, otherValid).All().Take(count).Index();

        await Parallel.ForEachAsync(hostile, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (numbered, cancellationToken) =>
        {
            var (number, sent) = numbered;

            // The kinds come in rounds of an odd length, so every kind meets every use.
            var (method, path, expected) = Uses[number % Uses.Length];
            using var request = new HttpRequestMessage(method, path);
            Assert.True(sent.Cookies.Length == 0 || request.Headers.TryAddWithoutValidation("Cookie", sent.Cookies), sent.Kind);
            Assert.True(sent.Headers.Length == 0 || request.Headers.TryAddWithoutValidation(WebFrontend.TokenHeader, sent.Headers), sent.Kind);
            using var response = await frontend.Http.SendAsync(request, cancellationToken);
            var what = $"request {number}: {sent.Kind}";
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{what}: {response.StatusCode}");
            Assert.True(await response.Content.ReadAsStringAsync(cancellationToken) == expected, what);
            // A sign-out expires the cookie that the request came with, whatever it was; nothing else sets one.
            Assert.All(
                response.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [],
                cookie => Assert.True(path == "/destroy" && cookie.Contains("=;", StringComparison.Ordinal), $"{what}: {cookie.Split('=')[0]}"));
            Assert.False(response.Headers.Contains(WebFrontend.TokenHeader), what);
        });

        // One read for the start, one for the refresh of every minute, and what requests without a valid token may cause.
        var mostKeyReads = 2 + (int)(TimeProvider.System.GetElapsedTime(began) / KeyRingPause);
        Assert.InRange(counter.KeyReads - keyReads, 0, mostKeyReads);
        Assert.Equal(calls, counter.Calls);
        Assert.Equal(storage, cluster.StorageCalls);
        Assert.InRange(await ActivationsAsync(cluster), 0, activations);
        Assert.Equal(2, cluster.Store.RowsOf("session").Count);
        Assert.Equal("q", (await frontend.SendAsync("GET", "/read", valid)).Body);
        Assert.Equal("other", (await frontend.SendAsync("GET", "/read", otherValid)).Body);
    }

    private static async Task<int> ActivationsAsync(SessionCluster cluster)
    {
        var statistics = await cluster.Inner.Client.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics();
        return statistics.Where(static row => row.GrainType.Contains("SessionGrain", StringComparison.Ordinal)).Sum(static row => row.ActivationCount);
    }
}
