using System.Globalization;

namespace ServerSession.Benchmarks.Hostile;

/// <summary>
/// What a request without a valid token costs (guarantee: requests without a valid token are cheap): server and client in this process, over memory, so that the sockets' share does not hide the
/// rest. Each kind is sent to an address that reads the session and to one that leaves it alone: the difference is this product's.
/// </summary>
internal static class HostileTest
{
    public static async Task<int> RunAsync(HostileOptions options)
    {
        await using var app = await HostileApp.StartAsync();
        var client = app.Connect();
        var (cookie, token) = await CreateAsync(client);
        var cases = HostileKind.All(cookie, token)
            .Take(options.Kinds)
            .Select(kind => (Read: new HostileCase(client, kind, "/read"), Untouched: new HostileCase(client, kind, "/other")))
            .ToArray();
        foreach (var (read, untouched) in cases)
        {
            await read.WarmAsync(options.Warmup);
            await untouched.WarmAsync(options.Warmup);
        }

        for (var round = 1; round <= options.Rounds; round++)
        {
            Console.Error.WriteLine($"round {round}");
            foreach (var (read, untouched) in cases)
            {
                await read.MeasureAsync(options.Measurement);
                await untouched.MeasureAsync(options.Measurement);
            }
        }

        Print(cases);
        return 0;
    }

    private static async Task<(string Cookie, string Token)> CreateAsync(MemoryClient client)
    {
        var created = await client.AskAsync("GET /create HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), HostileApp.Body);
        var cookie = created.Split("\r\n").Single(static line => line.StartsWith("Set-Cookie: ", StringComparison.Ordinal))["Set-Cookie: ".Length..].Split(';')[0];
        return (cookie.Split('=')[0], cookie.Split('=')[1]);
    }

    private static void Print((HostileCase Read, HostileCase Untouched)[] cases)
    {
        Console.WriteLine("| Request | Its bytes | CPU µs | × no cookie | spread | × no cookie, session left alone | Bytes allocated over session left alone |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|--:|");
        var none = cases[0].Read.Microseconds;
        foreach (var (read, untouched) in cases)
        {
            var ratios = read.Microseconds.Zip(none, static (own, bare) => own / bare).ToList();
            var alone = untouched.Microseconds.Zip(none, static (own, bare) => own / bare).ToList();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {read.Name} | {read.RequestBytes:F0} | {Median(read.Microseconds):F2} | {Median(ratios):F2} | {ratios.Min():F2}–{ratios.Max():F2} | {Median(alone):F2} | {Median(read.Allocated) - Median(untouched.Allocated):F0} |"));
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
