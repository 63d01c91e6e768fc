using ServerSession.Benchmarks.Server;

namespace ServerSession.Benchmarks.Load;

/// <summary>
/// Loads every case for a few seconds, one after the other, round after round, and the ceiling before and after each: a case is compared only
/// with those two neighbours, because what the machine does in a second changes by a tenth and more within half a minute. Each measurement
/// follows on a second of the same load: a process that was idle is slower, and the ceiling, which has every other turn, seldom is. Before the
/// first round every case is loaded until its server is compiled.
/// </summary>
internal static class LoadTest
{
    private const int RunUp = 1;

    // A write-behind variant still stores what the last measurement changed; the next one shall not pay for it.
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1.2);

    public static async Task<int> RunAsync(LoadOptions options)
    {
        var servers = new Dictionary<string, ServerUnderTest>(StringComparer.Ordinal);
        try
        {
            foreach (var variant in options.Variants)
            {
                servers[variant.Name] = await ServerUnderTest.StartAsync(variant, options.Sessions);
            }

            var samples = new List<Sample>();
            foreach (var connections in options.Connections)
            {
                await MeasureAsync(options, servers, connections, samples);
            }

            LoadReport.Print(options, samples, Console.Out);
            await LoadReport.SaveAsync(options, samples);
            return samples.Sum(static sample => sample.Errors) == 0 ? 0 : 1;
        }
        finally
        {
            foreach (var server in servers.Values)
            {
                await server.DisposeAsync();
            }
        }
    }

    private static async Task MeasureAsync(LoadOptions options, Dictionary<string, ServerUnderTest> servers, int connections, List<Sample> samples)
    {
        foreach (var one in options.Cases.Prepend(LoadCase.Ceiling))
        {
            await Warmth.WarmUpAsync(servers[one.Variant.Name], one, connections, options.Warmup);
        }

        for (var round = 1; round <= options.Rounds; round++)
        {
            var before = await CeilingAsync();
            foreach (var one in options.Cases)
            {
                var sample = await MeasureAsync(servers[one.Variant.Name], one, connections, round, options.Duration);
                if (one.Variant.Kind == Variant.WriteBehind && one.Endpoint is Endpoint.Write or Endpoint.ReadThenWrite)
                {
                    await Task.Delay(Settle);
                }

                var after = await CeilingAsync();
                sample = sample.Between(before, after);
                Console.Error.WriteLine(
                    $"{connections} connections, round {round}: {one} {sample.RequestsPerSecond:F0}/s, {sample.Ratio:F2}, {sample.ProcessorPerRequest:F0} + {sample.SilosProcessorPerRequest:F0} + {sample.StoreProcessorPerRequest:F0} µs" + (sample.Errors > 0 ? $", {sample.Errors} ERRORS" : ""));
                samples.Add(sample);
                before = after;
            }

            async Task<Sample> CeilingAsync()
            {
                var sample = await MeasureAsync(servers[Variant.Bare], LoadCase.Ceiling, connections, round, options.Duration);
                samples.Add(sample);
                return sample;
            }
        }
    }

    private static async Task<Sample> MeasureAsync(ServerUnderTest server, LoadCase one, int connections, int round, int seconds)
    {
        await LoadAsync(server, one, connections, RunUp);
        var before = await server.StatsAsync();
        var processor = server.ProcessorMicroseconds();
        var result = await LoadAsync(server, one, connections, seconds);
        var processorAfter = server.ProcessorMicroseconds();
        var after = await server.StatsAsync();
        double count = Math.Max(1, result.Requests);
        return new Sample(
            one.Variant.Name, one.Endpoint, connections, round, result.PerSecond, result.P50, result.P99,
            (processorAfter.Server - processor.Server) / count, (processorAfter.Silos - processor.Silos) / count, (processorAfter.Store - processor.Store) / count,
            (after.AllocatedBytes - before.AllocatedBytes) / count, (after.StalledSeconds - before.StalledSeconds) * 1e6 / result.Microseconds,
            after.CompiledMethods - before.CompiledMethods, result.Errors);
    }

    private static Task<WrkResult> LoadAsync(ServerUnderTest server, LoadCase one, int connections, int seconds) =>
        Wrk.RunAsync(server.Address, $"/{one.Endpoint}", server.Cookies, connections, seconds);
}
