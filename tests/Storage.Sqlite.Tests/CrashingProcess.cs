using System.Diagnostics;

namespace ServerSession.Tests.Storage;

/// <summary>Another process that owns a file and writes to it, until it is killed.</summary>
internal sealed class CrashingProcess : IDisposable
{
    private readonly Process _process;

    private CrashingProcess(Process process) => _process = process;

    /// <summary>Starts the process and returns when it has the file open.</summary>
    public static async Task<CrashingProcess> StartAsync(string path)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "ServerSession.Orleans.Storage.Sqlite.Crasher.dll"));
        start.ArgumentList.Add(path);
        var crashing = new CrashingProcess(Process.Start(start)!);
        Assert.Equal("open", await crashing._process.StandardOutput.ReadLineAsync());
        return crashing;
    }

    /// <summary>Lets it write until so many writes were acknowledged, kills it with SIGKILL, and returns every acknowledgement it gave.</summary>
    public async Task<List<string>> KillAfterAsync(int acknowledgements)
    {
        List<string> lines = [];
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (lines.Count == acknowledgements)
            {
                _process.Kill();
            }
        }

        await _process.WaitForExitAsync();
        Assert.True(lines.Count >= acknowledgements, "The process ended by itself.");
        return lines;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
