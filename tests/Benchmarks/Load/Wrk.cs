using System.Globalization;
using System.Text.Json;
using ServerSession.Benchmarks.Support;

namespace ServerSession.Benchmarks.Load;

/// <summary>What wrk measured.</summary>
/// <param name="Requests">The requests that were answered.</param>
/// <param name="Microseconds">The time it took.</param>
/// <param name="P50">The median latency, in microseconds.</param>
/// <param name="P99">The 99th percentile of the latency, in microseconds.</param>
/// <param name="P999">What one request in a thousand takes longer than, in microseconds.</param>
/// <param name="Errors">Failed connections and time-outs, and answers that are no success.</param>
internal sealed record WrkResult(long Requests, long Microseconds, long P50, long P99, long P999, long Errors)
{
    public double PerSecond => Requests * 1e6 / Microseconds;
}

/// <summary>The load generator. With two threads it keeps two processors busy also where the server leaves it most of them.</summary>
internal static class Wrk
{
    public static async Task<WrkResult> RunAsync(Uri server, string path, string cookies, int connections, int seconds)
    {
        await using var wrk = ChildProcess.Start(
            "wrk", "--threads", "2", "--connections", connections.ToString(CultureInfo.InvariantCulture),
            "--duration", string.Create(CultureInfo.InvariantCulture, $"{seconds}s"), "--timeout", "5s",
            "--script", Path.Combine(AppContext.BaseDirectory, "Load", "rotate.lua"), server.ToString(), "--", path, cookies);
        return JsonSerializer.Deserialize<WrkResult>(await wrk.LineAsync("RESULT "))!;
    }
}
