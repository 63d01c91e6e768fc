using System.Globalization;
using ServerSession.Benchmarks.Load;
using ServerSession.Benchmarks.Server;

namespace ServerSession.Benchmarks.Cluster;

/// <summary>
/// What a request costs clusters of one, two and three silos: its messages between frontend and silos and between silos, the processor time of all
/// processes, and how much of that the processes use without any request. One cluster runs at a time.
/// </summary>
internal static class HopTest
{
    private const int RunUp = 1;

    public static async Task<int> RunAsync(HopOptions options)
    {
        Console.WriteLine("| variant | requests/s | messages from frontend | between silos | CPU µs frontend | silos | store | all | idle ms/s frontend | silos | store |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        long errors = 0;
        foreach (var variant in options.Variants)
        {
            await using var server = await ServerUnderTest.StartAsync(variant, options.Sessions);
            await Warmth.WarmUpAsync(server, new LoadCase(variant, options.Endpoint), options.Connections, options.Warmup);
            var idle = await UsedAsync(server, async () =>
            {
                await Task.Delay(TimeSpan.FromSeconds(options.Idle));
                return options.Idle * 1000L;
            });
            var messages = await CountAsync(server, options);
            List<(double PerSecond, Used Used)> rounds = [];
            for (var round = 0; round < options.Rounds; round++)
            {
                await LoadAsync(server, options, RunUp);
                var perSecond = 0.0;
                var used = await UsedAsync(server, async () =>
                {
                    var result = await LoadAsync(server, options, options.Duration);
                    perSecond = result.PerSecond;
                    errors += result.Errors;
                    return result.Requests;
                });
                rounds.Add((perSecond, used));
            }

            var (rate, median) = rounds.OrderBy(static round => round.Used.All).ElementAt(rounds.Count / 2);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {variant.Name} | {rate:F0} | {messages.FromClients:F2} | {messages.FromSilos:F2} | {median.Server:F1} | {median.Silos:F1} | {median.Store:F1} | {median.All:F1} | {idle.Server:F1} | {idle.Silos:F1} | {idle.Store:F1} |"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Errors: {errors}"));
        return errors == 0 ? 0 : 1;
    }

    /// <summary>The messages of one request, replies included.</summary>
    private static async Task<(double FromClients, double FromSilos)> CountAsync(ServerUnderTest server, HopOptions options)
    {
        await server.CountMessagesAsync(true);
        var before = await server.StatsAsync();
        var result = await LoadAsync(server, options, options.Duration);
        var counted = await server.StatsAsync() - before;
        await server.CountMessagesAsync(false);
        return ((double)counted.FromClients / result.Requests, (double)counted.FromSilos / result.Requests);
    }

    /// <summary>The processor time that something took, divided by what it returns.</summary>
    private static async Task<Used> UsedAsync(ServerUnderTest server, Func<Task<long>> something)
    {
        var before = server.ProcessorMicroseconds();
        var count = Math.Max(1, await something());
        var after = server.ProcessorMicroseconds();
        return new((after.Server - before.Server) / count, (after.Silos - before.Silos) / count, (after.Store - before.Store) / count);
    }

    private static Task<WrkResult> LoadAsync(ServerUnderTest server, HopOptions options, int seconds) =>
        Wrk.RunAsync(server.Address, $"/{options.Endpoint}", server.Cookies, options.Connections, seconds);

    private readonly record struct Used(double Server, double Silos, double Store)
    {
        public double All => Server + Silos + Store;
    }
}
