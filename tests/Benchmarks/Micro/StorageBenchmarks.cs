using System.Globalization;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using ServerSession.Benchmarks.Support;
using ServerSession.Core;
using ServerSession.Grains;

namespace ServerSession.Benchmarks.Micro;

/// <summary>Durable writes to the embedded store, as the grains make them: the figures are for one write.</summary>
public class StorageBenchmarks
{
    private const int Rows = 64;

    private readonly GrainId[] _ids = [.. Enumerable.Range(0, Rows).Select(static row => GrainId.Create("session", row.ToString("x32", CultureInfo.InvariantCulture)))];
    private readonly string?[] _etags = new string?[Rows];
    private readonly byte[] _bytes = new byte[300];
    private string _folder = null!;
    private IHost _host = null!;
    private SessionStorage _storage = null!;

    /// <summary>Starts a silo with a store and inserts the rows.</summary>
    [GlobalSetup]
    public async Task SetupAsync()
    {
        _folder = Folders.Temporary();
        var builder = Host.CreateApplicationBuilder();
        builder.AddSilo(_folder);
        _host = builder.Build();
        await _host.StartAsync();
        _storage = _host.Services.GetRequiredService<SessionStorage>();
        await Together();
    }

    /// <summary>Ends the silo.</summary>
    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>One write at a time: each waits for a separate flush.</summary>
    [Benchmark]
    public Task Alone() => WriteAsync(0);

    /// <summary>64 sessions write at the same time and share flushes.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public Task Together() => Task.WhenAll(Enumerable.Range(0, Rows).Select(WriteAsync));

    /// <summary>One read.</summary>
    [Benchmark]
    public async Task Read() => await _storage.ReadAsync(SessionStorage.SessionState, _ids[0]);

    private async Task WriteAsync(int row) =>
        _etags[row] = await _storage.WriteAsync(SessionStorage.SessionState, _ids[row], _bytes, _etags[row]);
}
