using System.Globalization;
using System.Text.Json;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Memory;

/// <summary>What was measured of one way to keep sessions, in bytes of managed memory for each session.</summary>
internal sealed record MemoryResult(string Kind, int Sessions, double Active, double? Dormant);

/// <summary>Measures each way to keep sessions in a separate process.</summary>
internal static class MemoryTest
{
    public static async Task<int> RunAsync(int sessions)
    {
        var results = new List<MemoryResult>();
        foreach (var kind in MemoryHolder.Kinds)
        {
            var folder = Folders.Temporary();
            await using (var holder = ChildProcess.Self("hold", kind, "--folder", folder, "--sessions", sessions.ToString(CultureInfo.InvariantCulture)))
            {
                results.Add(JsonSerializer.Deserialize<MemoryResult>(await holder.LineAsync(MemoryHolder.Result))!);
            }

            Directory.Delete(folder, recursive: true);
        }

        Console.WriteLine("| sessions kept by | active, bytes | dormant, bytes |");
        Console.WriteLine("|---|--:|--:|");
        foreach (var result in results)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {result.Kind} | {result.Active:F0} | {result.Dormant:F0} |"));
        }

        var path = Path.Combine(Folders.Artifacts(), "memory.json");
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(results));
        return 0;
    }
}
