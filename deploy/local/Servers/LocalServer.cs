using System.Diagnostics;

namespace ServerSession.LocalCluster.Servers;

/// <summary>
/// A real server on this machine, for a local cluster and for tests. It listens on loopback only, keeps its data, its output and its own state
/// (<c>server.json</c>) in one directory, and goes on running when the process that started it ends: <see cref="Open"/> finds it again.
/// Only the process that was started here is ever signalled. Members are not safe for concurrent use.
/// </summary>
public abstract class LocalServer : IAsyncDisposable
{
    private const int PortAttempts = 5;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ReadyStep = TimeSpan.FromMilliseconds(20);

    private ServerProcess _process;

    private protected LocalServer(string name, string directory, int portCount)
    {
        Name = name;
        Directory = Path.GetFullPath(directory);
        Ports = new int[portCount];
    }

    /// <summary>Gets the kind of server: <c>redis</c>, <c>postgres</c> or <c>azurite</c>.</summary>
    public string Name { get; }

    /// <summary>Gets the directory that holds the server's data.</summary>
    public string Directory { get; }

    /// <summary>Gets the id of the process that was started last.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Gets the loopback port; the same after every restart.</summary>
    public int Port => Ports[0];

    /// <summary>Gets whether the server's process runs or is paused.</summary>
    public bool IsRunning => _process.Id != 0 && _process.IsRunning;

    /// <summary>Gets the file to which the server writes its output.</summary>
    public string OutputFile => Path.Combine(Directory, "output.log");

    /// <summary>Gets what a client needs to reach the server.</summary>
    public abstract string ConnectionString { get; }

    private protected int[] Ports { get; private set; }

    private protected string DataDirectory => Path.Combine(Directory, "data");

    /// <summary>Gets the signal that asks the server to stop in an orderly way without waiting for its clients.</summary>
    private protected virtual int StopSignal => Signals.Terminate;

    /// <summary>Finds the server that was started in a directory, by this process or an earlier one. It may have ended since.</summary>
    /// <exception cref="ServerStartException">No server was started in this directory.</exception>
    public static LocalServer Open(string directory) =>
        TryOpen(directory) ?? throw new ServerStartException($"No server was started in '{directory}'.");

    /// <summary>Like <see cref="Open"/>, but null if no server was ever started in the directory.</summary>
    public static LocalServer? TryOpen(string directory)
    {
        if (ServerState.Read(directory) is not { } state)
        {
            return null;
        }

        LocalServer server = state.Name switch
        {
            RedisServer.Kind => new RedisServer(directory),
            PostgresServer.Kind => new PostgresServer(directory),
            AzuriteServer.Kind => new AzuriteServer(directory),
            _ => throw new ServerStartException($"The state in '{directory}' names a server '{state.Name}', which this version does not know."),
        };
        server.Ports = state.Ports;
        server._process = state.Process;
        return server;
    }

    /// <summary>Starts the server again, on the same ports and with the same data; stops it first if it runs.</summary>
    /// <exception cref="ServerStartException">It could not be started; the message holds the end of its output.</exception>
    public async Task RestartAsync(CancellationToken cancellation = default)
    {
        await StopAsync(cancellation).ConfigureAwait(false);
        await StartOnPortsAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Stops the server in an orderly way, paused or not; kills it if it does not end within 20 seconds.</summary>
    public async Task StopAsync(CancellationToken cancellation = default)
    {
        if (!IsRunning)
        {
            return;
        }

        _process.Signal(StopSignal);
        _process.Resume();
        if (!await _process.WaitForEndAsync(StopLimit, cancellation).ConfigureAwait(false))
        {
            await KillAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Kills the server's processes and waits until they have ended.</summary>
    public async Task KillAsync(CancellationToken cancellation = default)
    {
        if (IsRunning)
        {
            _process.Kill();
            await _process.WaitForEndAsync(StopLimit, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Freezes the server: its connections stay open and nothing is answered.</summary>
    public void Pause() => _process.Pause();

    /// <summary>Lets a frozen server go on.</summary>
    public void Resume() => _process.Resume();

    /// <summary>Stops the server. Its directory stays.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    private protected static async Task<T> StartAsync<T>(T server, int? port, CancellationToken cancellation) where T : LocalServer
    {
        if (ServerState.Read(server.Directory) is { Process.IsRunning: true } state)
        {
            throw new ServerStartException($"A {state.Name} server, process {state.Process.Id}, already runs in '{server.Directory}'. Stop it or choose another directory.");
        }

        System.IO.Directory.CreateDirectory(server.Directory);
        await server.PrepareAsync(cancellation).ConfigureAwait(false);
        for (var attempt = 1; ; attempt++)
        {
            server.Ports = port is { } first ? [.. Enumerable.Range(first, server.Ports.Length)] : FreePort.Take(server.Ports.Length);
            try
            {
                await server.StartOnPortsAsync(cancellation).ConfigureAwait(false);
                return server;
            }
            catch (ServerStartException) when (port is null && attempt < PortAttempts && !server.IsRunning)
            {
                // Another process may have taken a port in between: other ports are tried.
            }
        }
    }

    /// <summary>Installs what is missing and prepares the directory; called once, before the first start.</summary>
    private protected abstract Task PrepareAsync(CancellationToken cancellation);

    /// <summary>Gives the program and the arguments that start the server in the foreground on <see cref="Ports"/>.</summary>
    private protected abstract (string Program, IReadOnlyList<string> Arguments) StartCommand();

    /// <summary>Whether the server answers.</summary>
    private protected abstract Task<bool> IsReadyAsync(CancellationToken cancellation);

    /// <summary>Sets up what the server needs once it answers; safe to repeat.</summary>
    private protected virtual Task SetUpAsync(CancellationToken cancellation) => Task.CompletedTask;

    private async Task StartOnPortsAsync(CancellationToken cancellation)
    {
        var (program, arguments) = StartCommand();
        _process = ServerProcess.Start(program, arguments, Directory, OutputFile);
        new ServerState(Name, Ports, _process).Write(Directory);
        try
        {
            await WaitUntilReadyAsync(cancellation).ConfigureAwait(false);
            await SetUpAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            await KillAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var process = _process;
        while (true)
        {
            if (!IsRunning)
            {
                throw new ServerStartException($"The {Name} server on port {Port} ended while it started:{Environment.NewLine}{Tail.OfFile(OutputFile)}");
            }

            // Another process may have taken a port first: its answers say nothing about this server.
            if (Ports.All(process.ListensOn) && await IsReadyAsync(cancellation).ConfigureAwait(false))
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(started) > StartLimit)
            {
                throw new ServerStartException(
                    $"The {Name} server on port {Port} did not answer within {StartLimit.TotalSeconds} s:{Environment.NewLine}{Tail.OfFile(OutputFile)}");
            }

            await Task.Delay(ReadyStep, cancellation).ConfigureAwait(false);
        }
    }
}
