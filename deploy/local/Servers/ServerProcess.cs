using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace ServerSession.LocalCluster.Servers;

/// <summary>
/// A process that this tool started, now or in an earlier run. It is known by its id and by the time it started, in kernel ticks since boot,
/// so that a process that was given the same id later is never mistaken for it. Linux only: it reads <c>/proc</c>.
/// </summary>
public readonly record struct ServerProcess(int Id, long StartTime)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    // How long a signal that stops a process may take to be delivered on a busy machine.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    // The field positions of /proc/PID/stat, counted from the one behind the program's name: state, parent, start time.
    private const int StateField = 0;
    private const int ParentField = 1;
    private const int StartTimeField = 19;

    /// <summary>Gets whether the process runs or is paused; one that ended and was not yet collected by its parent does not run.</summary>
    [JsonIgnore]
    public bool IsRunning => ReadStat(Id) is { } stat && IsThis(stat) && stat[StateField] is not ("Z" or "X");

    /// <summary>Gets whether a signal stopped the process, so that it does nothing until it is told to go on.</summary>
    [JsonIgnore]
    public bool IsPaused => ReadStat(Id) is { } stat && IsThis(stat) && stat[StateField] is "T" or "t";

    /// <summary>
    /// Starts a program in a separate session, so that it outlives this process and its terminal. Its output is appended to a file.
    /// </summary>
    /// <param name="program">The program's path, or its name on the search path.</param>
    /// <param name="arguments">The program's arguments.</param>
    /// <param name="directory">The working directory.</param>
    /// <param name="outputFile">The file to which standard output and standard error are appended.</param>
    /// <exception cref="ServerStartException">The program could not be started.</exception>
    public static ServerProcess Start(string program, IEnumerable<string> arguments, string directory, string outputFile)
    {
        // Every step replaces the one before (exec), so the id that Process reports is the program's own. It begins when its start time was read: one
        // that ends at once would otherwise be gone before.
        string[] detached = ["-c", "read -r go && exec setsid \"$@\" >>\"$0\" 2>&1 </dev/null", outputFile, program, .. arguments];
        var start = new ProcessStartInfo("/bin/sh", detached) { WorkingDirectory = directory, RedirectStandardInput = true };
        using var process = Process.Start(start) ?? throw new ServerStartException($"'{program}' could not be started.");
        var stat = ReadStat(process.Id) ?? throw new ServerStartException($"'{program}' could not be started: its shell was killed.");
        process.StandardInput.WriteLine("go");
        return new(process.Id, StartTimeOf(stat));
    }

    /// <summary>Whether the process itself, not another one, accepts connections on a TCP port of IPv4.</summary>
    public bool ListensOn(int port) => Holds(port, isListening: true);

    /// <summary>Whether the process has the end of a TCP connection of IPv4 that is at this local port.</summary>
    public bool ConnectsFrom(int port) => Holds(port, isListening: false);

    /// <summary>Ends the process and its children at once (SIGKILL), as a power cut would.</summary>
    public void Kill() => SignalTree(Signals.Kill);

    /// <summary>Stops the process and its children from running (SIGSTOP), until <see cref="Resume"/>. Returns when the process has stopped.</summary>
    public void Pause()
    {
        SignalTree(Signals.Stop);

        // A signal is delivered when the process's threads are scheduled next, which is after the call that sends it.
        var process = this;
        _ = SpinWait.SpinUntil(() => process.IsPaused || !process.IsRunning, StopLimit);
    }

    /// <summary>Lets a paused process and its children run again (SIGCONT).</summary>
    public void Resume() => SignalTree(Signals.Continue);

    /// <summary>Sends a signal to the process itself; does nothing if it has ended.</summary>
    public void Signal(int signal)
    {
        if (IsRunning)
        {
            _ = SendSignal(Id, signal);
        }
    }

    /// <summary>Waits until the process has ended.</summary>
    /// <returns>False if it still runs after <paramref name="limit"/>.</returns>
    public async Task<bool> WaitForEndAsync(TimeSpan limit, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        while (IsRunning)
        {
            if (Stopwatch.GetElapsedTime(started) > limit)
            {
                return false;
            }

            await Task.Delay(Step, cancellation).ConfigureAwait(false);
        }

        return true;
    }

    // Parents first: a paused or dead parent starts no further children.
    private void SignalTree(int signal)
    {
        if (!IsRunning)
        {
            return;
        }

        var children = Children();
        _ = SendSignal(Id, signal);
        foreach (var child in children.Union(Children()))
        {
            child.SignalTree(signal);
        }
    }

    private List<ServerProcess> Children()
    {
        var children = new List<ServerProcess>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id)
                && ReadStat(id) is { } stat
                && int.Parse(stat[ParentField], CultureInfo.InvariantCulture) == Id)
            {
                children.Add(new(id, StartTimeOf(stat)));
            }
        }

        return children;
    }

    private bool Holds(int port, bool isListening)
    {
        try
        {
            var sockets = Sockets(port, isListening);
            return IsRunning && Directory.EnumerateFiles(string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/fd"))
                .Any(descriptor => sockets.Contains(new FileInfo(descriptor).LinkTarget));
        }
        catch (IOException)
        {
            // The process, or a descriptor of it, went away meanwhile.
            return false;
        }
    }

    // The sockets at a port, in the form in which a process's descriptors link to them.
    private static HashSet<string?> Sockets(int port, bool isListening)
    {
        const int LocalAddress = 1, Status = 3, Inode = 9;
        var end = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        return [.. File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[Status] == "0A" == isListening && fields[LocalAddress].EndsWith(end, StringComparison.Ordinal))
            .Select(static fields => $"socket:[{fields[Inode]}]")];
    }

    private bool IsThis(string[] stat) => StartTimeOf(stat) == StartTime;

    private static long StartTimeOf(string[] stat) => long.Parse(stat[StartTimeField], CultureInfo.InvariantCulture);

    private static string[]? ReadStat(int id)
    {
        try
        {
            // The program's name stands in brackets and may hold blanks and brackets.
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int processId, int signal);
}
