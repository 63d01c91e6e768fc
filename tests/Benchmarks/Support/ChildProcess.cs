using System.Diagnostics;
using System.Globalization;

namespace ServerSession.Benchmarks.Support;

/// <summary>A process that this one started and ends: by closing its input, and by its id where that does not help.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // USER_HZ, in which the kernel reports times to programs, is 100 on every Linux platform that .NET supports.
    private const double MicrosecondsPerTick = 10_000;

    private static readonly Dictionary<string, string> NoEnvironment = [];

    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public StreamReader Output => _process.StandardOutput;

    /// <summary>Starts this program again with another command.</summary>
    public static ChildProcess Self(params string[] args) => Self(NoEnvironment, args);

    /// <summary>Starts this program again with another command, and with more in its environment.</summary>
    public static ChildProcess Self(IReadOnlyDictionary<string, string> environment, params string[] args) => Start(
        Environment.ProcessPath ?? throw new InvalidOperationException("This program does not know its own path."), environment, args);

    public static ChildProcess Start(string program, params string[] args) => Start(program, NoEnvironment, args);

    private static ChildProcess Start(string program, IReadOnlyDictionary<string, string> environment, string[] args)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new(Process.Start(start) ?? throw new InvalidOperationException($"'{program}' did not start."));
    }

    /// <summary>Ends the process that calls it, at once: nobody stops services, moves sessions or writes files.</summary>
    public static void EndThisOne()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }

    /// <summary>The line of the output that starts with a prefix.</summary>
    /// <exception cref="InvalidOperationException">The process ended without it.</exception>
    public async Task<string> LineAsync(string prefix)
    {
        while (await Output.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(prefix, StringComparison.Ordinal))
            {
                return line[prefix.Length..];
            }
        }

        throw new InvalidOperationException($"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)} ended without saying '{prefix}'.");
    }

    /// <summary>The processor time used so far, user and system, in microseconds.</summary>
    public double ProcessorMicroseconds()
    {
        // The second field is the program's name in brackets, which may hold blanks.
        var stat = File.ReadAllText($"/proc/{Id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) * MicrosecondsPerTick;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }
}
