using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace ServerSession.Tests;

/// <summary>One of the two hosts as a user runs it: a separate process, with arguments and a folder. The test project's assembly metadata says where it is.</summary>
public sealed class HostProcess : IAsyncDisposable
{
    private const int Sigterm = 15;
    private const int Sigcont = 18;
    private const int Sigstop = 19;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _read;

    private HostProcess(string host, string folder, IEnumerable<string> arguments)
    {
        var path = Assembly.GetEntryAssembly()!.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == host).Value!;
        var start = new ProcessStartInfo("dotnet", [path, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(static name =>
            name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name.StartsWith("DOTNET_ENV", StringComparison.Ordinal)
            || name.StartsWith("Orleans__", StringComparison.Ordinal) || name.StartsWith("ServerSession__", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        _process = Process.Start(start)!;
        _read = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
    }

    /// <summary>Gets the operating system's number of the process.</summary>
    public int Id => _process.Id;

    /// <summary>Gets the exit code; null while the process runs.</summary>
    public int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    public string Output => string.Join(Environment.NewLine, _output);

    /// <summary>Starts a host without waiting for it.</summary>
    public static HostProcess Launch(string host, string folder, params string[] arguments) => new(host, folder, arguments);

    /// <summary>
    /// Starts a host and waits until it says that it has started. One that could not try its storage in time, because the machine stood still, is started once more,
    /// as whoever runs it does.
    /// </summary>
    public static async Task<HostProcess> StartAsync(string host, string folder, params string[] arguments)
    {
        for (var isExcused = false; ; isExcused = true)
        {
            var stalls = Stalls.Total;
            var process = new HostProcess(host, folder, arguments);
            try
            {
                await Task.WhenAny(process._started.Task, process._read).WaitAsync(Patience);
            }
            catch (TimeoutException)
            {
                var output = process.Output;
                await process.DisposeAsync();
                throw new TimeoutException($"{host} neither started nor ended:{Environment.NewLine}{output}");
            }

            if (process._started.Task.IsCompleted)
            {
                return process;
            }

            var failure = $"{host} did not start:{Environment.NewLine}{process.Output}";
            await process.DisposeAsync();
            Assert.True(!isExcused && failure.Contains(nameof(TimeoutException), StringComparison.Ordinal) && await Stalls.ExcuseAsync(failure, stalls), failure);
        }
    }

    /// <summary>Runs a host that is expected to end by itself.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string host, string folder, params string[] arguments)
    {
        await using var process = new HostProcess(host, folder, arguments);
        return (await process.ExitAsync(), process.Output);
    }

    /// <summary>Ends the process as a power cut would: nothing in it runs any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    /// <summary>Asks the process to shut down, as an orchestrator does, and returns its exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        Terminate();
        return await ExitAsync();
    }

    /// <summary>Asks the process to shut down, without waiting for it.</summary>
    public void Terminate() => Assert.Equal(0, SendSignal(_process.Id, Sigterm));

    /// <summary>Freezes the process: it keeps its connections and does nothing.</summary>
    public void Pause() => Assert.Equal(0, SendSignal(_process.Id, Sigstop));

    /// <summary>Lets a frozen process go on.</summary>
    public void Resume() => Assert.Equal(0, SendSignal(_process.Id, Sigcont));

    /// <summary>Waits until the process has written a text.</summary>
    public async Task WaitForOutputAsync(string text)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            // What a process wrote at its end is read after that.
            Assert.False(_read.IsCompleted && !Output.Contains(text, StringComparison.Ordinal), $"The process ended without writing '{text}':{Environment.NewLine}{Output}");
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"The process has not written '{text}':{Environment.NewLine}{Output}");
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }

    /// <summary>Waits for the end of the process and returns its exit code.</summary>
    public Task<int> WaitForExitAsync() => ExitAsync();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        await _read.WaitAsync(Patience);
        return _process.ExitCode;
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

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int processId, int signal);
}
