using System.Collections.Concurrent;
using System.Diagnostics;

namespace ServerSession.Tests;

/// <summary>The tutorial's application as a separate process.</summary>
internal sealed class Shop : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _read;

    private Shop(string folder, string home, Uri address)
    {
        _process = Process.Start(Shell.Info(
            folder, home, "dotnet", Path.Combine("bin", "Debug", "net10.0", "Shop.dll"), "--environment", "Development", "--urls", address.GetLeftPart(UriPartial.Authority)))!;
        _read = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
    }

    public static async Task<Shop> StartAsync(string folder, string home, Uri address)
    {
        var shop = new Shop(folder, home, address);
        var ended = await Task.WhenAny(shop._started.Task, shop._read, Task.Delay(Patience)) != shop._started.Task;
        if (ended)
        {
            var output = string.Join(Environment.NewLine, shop._output);
            await shop.DisposeAsync();
            Assert.Fail($"The shop did not start:{Environment.NewLine}{output}");
        }

        return shop;
    }

    /// <summary>Ends the process as a power cut would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
        await _read.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            _output.Enqueue(line);
            if (line.Contains("Application started", StringComparison.Ordinal))
            {
                _started.TrySetResult();
            }
        }
    }
}
