using System.Globalization;
using System.Text.Json;
using ServerSession.Benchmarks.Server;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Load;

/// <summary>What a run measured, as a Markdown table and as JSON.</summary>
internal static class LoadReport
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public static void Print(LoadOptions options, List<Sample> samples, TextWriter output)
    {
        foreach (var connections in options.Connections)
        {
            var rows = Rows(options, samples, connections);
            output.WriteLine(Text($"### {connections} connections\n"));
            output.WriteLine("| variant | endpoint | ratio to bare | spread | × Redis | disk stalled | ratio between stalls | requests/s | p50 ms | p99 ms | CPU µs | bytes | bytes over bare |");
            output.WriteLine("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
            foreach (var row in rows)
            {
                output.WriteLine(Text(
                    $"| {row.Variant} | {row.Endpoint} | {row.Ratio:F2} | {row.LowestRatio:F2}–{row.HighestRatio:F2} | {(row.TimesRedis is { } times ? Text($"{times:F1}") : "")} | {StallCells(row)} | {row.RequestsPerSecond:F0} | {row.P50Milliseconds:F2} | {row.P99Milliseconds:F2} | {Processor(row)} | {row.Bytes:F0} | {row.BytesOverBare:F0} |"));
            }

            output.WriteLine();
        }

        output.WriteLine(Text($"Errors: {samples.Sum(static sample => sample.Errors)}; methods compiled during one measurement: {samples.Max(static sample => sample.CompiledMethods)} at most"));
    }

    public static async Task SaveAsync(LoadOptions options, List<Sample> samples)
    {
        var report = new
        {
            At = TimeProvider.System.GetUtcNow(),
            Processors = Environment.ProcessorCount,
            Runtime = Environment.Version.ToString(),
            options.Duration,
            options.Rounds,
            options.Sessions,
            Rows = options.Connections.SelectMany(connections => Rows(options, samples, connections)),
            Samples = samples,
        };
        var path = Path.Combine(Folders.Artifacts(), Text($"http-{report.At:yyyyMMdd-HHmmss}.json"));
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(report, Json));
        Console.Error.WriteLine($"Written to {path}");
    }

    private static List<LoadRow> Rows(LoadOptions options, List<Sample> all, int connections)
    {
        var samples = all.Where(sample => sample.Connections == connections).ToList();
        return [.. options.Cases.Prepend(LoadCase.Ceiling).Select(one => LoadRow.Of(one, samples))];
    }

    /// <summary>The server's, its silos' where they have separate processes, and the store's where it has one.</summary>
    private static string Processor(LoadRow row) =>
        Text($"{row.ProcessorMicroseconds:F1}")
        + (row.SilosProcessorMicroseconds > 0 ? Text($" + {row.SilosProcessorMicroseconds:F1} silos") : "")
        + (row.StoreProcessorMicroseconds > 0 ? Text($" + {row.StoreProcessorMicroseconds:F1} store") : "");

    private static string StallCells(LoadRow row) => row.Variant.TrimEnd('*') is Variant.WriteThrough or Variant.ClientWriteThrough && row.Endpoint is Endpoint.Write or Endpoint.ReadThenWrite
        ? Text($"{row.Stalled:P0} | {row.RatioBetweenStalls:F2}")
        : " | ";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
