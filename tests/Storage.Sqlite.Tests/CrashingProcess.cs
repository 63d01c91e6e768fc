using System.Diagnostics;

namespace ServerSession.Tests.Storage;

/// <summary>Another process that owns a file and writes to it, until it is killed.</summary>
internal sealed class CrashingProcess : IDisposable
{
    private readonly Process _process;

    private CrashingProcess(Process process) => _process = process;

    /// <summary>Starts the process and returns when it has the file open.</summary>
    /// <param name="path">The file.</param>
    /// <param name="keys">What its keys begin with; a second process on a file writes other rows than the first. <c>idle</c> writes none.</param>
    /// <param name="by">A program, with its first arguments, that starts it; none by default.</param>
    public static async Task<CrashingProcess> StartAsync(string path, string keys = "", params string[] by)
    {
        string[] command = [.. by, "dotnet"];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "ServerSession.Orleans.Storage.Sqlite.Crasher.dll"));
        start.ArgumentList.Add(path);
        start.ArgumentList.Add(keys);
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
