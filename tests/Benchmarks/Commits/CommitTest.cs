using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Commits;

/// <summary>
/// What a commit costs without HTTP: a number of callers, each committing to one session after the other and waiting for each answer. The
/// volatile row is the cost of the call itself, so the difference to it is the cost of keeping the change.
/// </summary>
internal static class CommitTest
{
    public static async Task<int> RunAsync(SessionDurability[] compared, int seconds, int rounds, int callers, int sessions)
    {
        var folder = Folders.Temporary();
        var builder = Host.CreateApplicationBuilder();
        builder.AddSilo(folder);
        using var host = builder.Build();
        await host.StartAsync();
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        var owned = new Dictionary<SessionDurability, CommitSessions>();
        foreach (var durability in compared)
        {
            owned[durability] = await CommitSessions.CreateAsync(grains, durability, sessions);
            await owned[durability].CommitAsync(callers, TimeSpan.FromSeconds(seconds));
        }

        Console.WriteLine("| durability | commits/s | CPU µs | bytes |\n|---|--:|--:|--:|");
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (durability, some) in owned)
            {
                var processor = Environment.CpuUsage.TotalTime;
                var bytes = GC.GetTotalAllocatedBytes(precise: true);
                var clock = Stopwatch.StartNew();
                double commits = await some.CommitAsync(callers, TimeSpan.FromSeconds(seconds));
                var perSecond = commits / clock.Elapsed.TotalSeconds;
                var microseconds = (Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / commits;
                var allocated = (GC.GetTotalAllocatedBytes(precise: true) - bytes) / commits;
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"| {durability} | {perSecond:F0} | {microseconds:F1} | {allocated:F0} |"));
            }
        }

        foreach (var some in owned.Values)
        {
            await some.DestroyAsync();
        }

        await host.StopAsync();
        Directory.Delete(folder, recursive: true);
        return 0;
    }
}
