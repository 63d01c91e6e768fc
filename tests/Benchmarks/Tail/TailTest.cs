using System.Globalization;
using ServerSession.Benchmarks.Load;

namespace ServerSession.Benchmarks.Tail;

/// <summary>
/// How long the slowest requests take while more and more sessions live: right after they were created, when the garbage collector still moves them to the
/// older generations, and later.
/// </summary>
internal static class TailTest
{
    public static async Task<int> RunAsync(TailOptions options)
    {
        Console.WriteLine("| variant | sessions | | requests/s | p50 ms | p99 ms | p99.9 ms | × p99 | × p99.9 | collections/s | full ones | paused ‰ |");
        Console.WriteLine("|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        long errors = 0;
        foreach (var variant in options.Variants)
        {
            await using var server = await ServerUnderTest.StartAsync(variant, options.Sessions[0]);
            await Warmth.WarmUpAsync(server, new LoadCase(variant, options.Endpoint), options.Connections, options.Warmup);
            WrkResult? first = null;
            foreach (var sessions in options.Sessions)
            {
                await server.CreateSessionsAsync(sessions);
                if (first is not null)
                {
                    await MeasureAsync(sessions, "just created");
                    await LoadAsync(options.Settle);
                }

                await MeasureAsync(sessions, "settled");
            }

            async Task MeasureAsync(int sessions, string when)
            {
                var before = await server.StatsAsync();
                var result = await LoadAsync(options.Duration);
                var used = await server.StatsAsync() - before;
                first ??= result;
                errors += result.Errors;
                var seconds = result.Microseconds / 1e6;
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {variant.Name} | {sessions} | {when} | {result.PerSecond:F0} | {result.P50 / 1e3:F2} | {result.P99 / 1e3:F2} | {result.P999 / 1e3:F2} | {(double)result.P99 / first.P99:F1} | {(double)result.P999 / first.P999:F1} | {used.Collections / seconds:F1} | {used.FullCollections} | {used.PauseSeconds / seconds * 1000:F0} |"));
            }

            Task<WrkResult> LoadAsync(int seconds) => Wrk.RunAsync(server.Address, $"/{options.Endpoint}", server.Cookies, options.Connections, seconds);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Errors: {errors}"));
        return errors == 0 ? 0 : 1;
    }
}
