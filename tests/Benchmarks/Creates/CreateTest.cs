using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServerSession.AspNetCore;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Creates;

/// <summary>
/// What the clean-up's index costs a create: the same creates with ids that the index never hears of, with ids in blocks, and with ids one by one, in turn, on one
/// silo with the embedded store and without HTTP. A row is the median of the rounds, and the lowest and highest of them.
/// </summary>
internal static class CreateTest
{
    public static async Task<int> RunAsync(int rounds, int callers, int sessions)
    {
        var folder = Folders.Temporary();
        var builder = Host.CreateApplicationBuilder();
        builder.AddSilo(folder);
        using var host = builder.Build();
        using var writes = new StoreWrites();
        await host.StartAsync();
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        var run = new CreateRun(grains, new ReservedSessionIds(grains, Options.Create(new ServerSessionOptions()), TimeProvider.System));
        IdKind[] kinds = [IdKind.None, IdKind.Reserved, IdKind.Single];
        foreach (var kind in kinds)
        {
            await run.CreateAsync(kind, callers, sessions);
        }

        var measured = kinds.ToDictionary(static kind => kind, static _ => new List<Sample>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var kind in kinds)
            {
                var before = (Writes: writes.Count, Processor: Environment.CpuUsage.TotalTime);
                var start = TimeProvider.System.GetTimestamp();
                var took = await run.CreateAsync(kind, callers, sessions);
                measured[kind].Add(new(
                    sessions / TimeProvider.System.GetElapsedTime(start).TotalSeconds,
                    took[took.Length / 2],
                    took[took.Length * 99 / 100],
                    (Environment.CpuUsage.TotalTime - before.Processor).TotalMicroseconds / sessions,
                    (double)(writes.Count - before.Writes) / sessions));
            }
        }

        Console.WriteLine("| ids | creates/s | p50 µs | p99 µs | CPU µs | writes a session |\n|---|--:|--:|--:|--:|--:|");
        foreach (var (kind, samples) in measured)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {kind} | {Row(samples, static s => s.PerSecond, "F0")} | {Row(samples, static s => s.Median, "F0")} | {Row(samples, static s => s.Slowest, "F0")} | {Row(samples, static s => s.Processor, "F1")} | {Row(samples, static s => s.Writes, "F4")} |"));
        }

        await host.StopAsync();
        Directory.Delete(folder, recursive: true);
        return 0;
    }

    private static string Row(List<Sample> samples, Func<Sample, double> of, string format)
    {
        double[] values = [.. samples.Select(of).Order()];
        return string.Create(CultureInfo.InvariantCulture, $"{Text(values[values.Length / 2])} ({Text(values[0])}–{Text(values[^1])})");

        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
    }

    private readonly record struct Sample(double PerSecond, double Median, double Slowest, double Processor, double Writes);
}
