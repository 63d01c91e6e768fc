using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Web;

/// <summary>Law 8: a request without a valid token costs no activation and no storage access, and creates no session.</summary>
public class Law8StrangersAreCheapTests
{
    private const int Seed = 20260101;

    [Theory]
    [InlineData(1, 100_000)]
    [InlineData(3, 5_000)]
    public async Task Hostile_tokens_cost_no_grain_call_no_storage_call_and_no_error(short silos, int requests)
    {
        var counter = new RequestCostTests.CallCounter();
        await using var cluster = await SessionCluster.StartAsync(silos, null, silo => { SystemTime.Use(silo); silo.AddIncomingGrainCallFilter(counter); });
        await using var frontend = await WebFrontend.StartAsync(cluster);
        var valid = (await frontend.SendAsync("PUT", "/write/q")).Cookie!;
        var calls = counter.Calls;
        var storage = cluster.Store.Total;
        var foreign = SessionToken.New().Encode(new ShieldKey(RandomNumberGenerator.GetBytes(32), DateTimeOffset.MinValue, DateTimeOffset.MaxValue));
        var random = new Random(Seed);
        var hostile = Enumerable.Range(0, requests).Select(_ => Mutate(random, valid, foreign)).Where(text => text != valid).ToList();

        await Parallel.ForEachAsync(hostile, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (cookie, cancellationToken) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/read");
            request.Headers.TryAddWithoutValidation("Cookie", $"__Host-session={cookie}");
            using var response = await frontend.Http.SendAsync(request, cancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("none", await response.Content.ReadAsStringAsync(cancellationToken));
            Assert.False(response.Headers.Contains("Set-Cookie"));
        });

        Assert.InRange(hostile.Count, requests - 100, requests);
        Assert.Equal(calls, counter.Calls);
        Assert.Equal(storage, cluster.Store.Total);
        Assert.Single(cluster.Store.RowsOf("session"));
        Assert.Equal("q", (await frontend.SendAsync("GET", "/read", valid)).Body);
    }

    private static string Mutate(Random random, string valid, string foreign)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        var bytes = Base64Url.DecodeFromChars(valid);
        switch (random.Next(12))
        {
            case 0: return Base64Url.EncodeToString(RandomBytes(51));
            case 1: bytes[random.Next(51)] ^= (byte)(1 << random.Next(8)); return Base64Url.EncodeToString(bytes);
            case 2: return valid[..random.Next(68)];
            case 3: return valid + Alphabet[random.Next(64)];
            case 4: return valid[..^1] + "=";
            case 5: return foreign;
            case 6: return new string(Alphabet[random.Next(64)], random.Next(1, 3000));
            case 7: return valid.Insert(random.Next(68), "%20");
            case 8: return valid[..random.Next(1, 67)] + " " + valid[^10..];
            case 9: return Convert.ToBase64String(bytes).Replace('A', '+') + "é";
            case 10: bytes[1] = (byte)random.Next(256); bytes[2] ^= 0x55; return Base64Url.EncodeToString(bytes);
            default: return Encoding.Latin1.GetString(RandomBytes(40)).Replace('\r', 'x').Replace('\n', 'x').Replace('\0', 'x');
        }

        byte[] RandomBytes(int count)
        {
            var result = new byte[count];
            random.NextBytes(result);
            return result;
        }
    }
}
