using System.Diagnostics;

namespace ServerSession.Benchmarks.Hostile;

/// <summary>A kind of request to one address, with what each round measured of it.</summary>
internal sealed class HostileCase(MemoryClient client, HostileKind kind, string path)
{
    private readonly byte[][] _batches = kind.Requests(path);
    private int _responseLength;

    public string Name => kind.Name;

    /// <summary>Gets the length of a request, on average.</summary>
    public double RequestBytes => _batches.Average(static batch => (double)batch.Length / HostileKind.Batch);

    /// <summary>Gets the processor time of one request in microseconds, by round.</summary>
    public List<double> Microseconds { get; } = [];

    /// <summary>Gets the memory allocated for one request in bytes, by round.</summary>
    public List<double> Allocated { get; } = [];

    public async Task WarmAsync(TimeSpan time)
    {
        _responseLength = (await client.AskAsync(kind.Request(path), HostileApp.Body)).Length;
        await RunAsync(time);
    }

    public async Task MeasureAsync(TimeSpan time)
    {
        var processor = Environment.CpuUsage.TotalTime;
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var count = await RunAsync(time);
        Microseconds.Add((Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / count);
        Allocated.Add((GC.GetTotalAllocatedBytes(precise: true) - bytes) / (double)count);
    }

    private async Task<long> RunAsync(TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        long count = 0;
        for (var next = 0; clock.Elapsed < time; next = (next + 1) % _batches.Length)
        {
            await client.SendAsync(_batches[next], (long)HostileKind.Batch * _responseLength);
            count += HostileKind.Batch;
        }

        return count;
    }
}
