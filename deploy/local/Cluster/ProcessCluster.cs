using ServerSession.LocalCluster.Servers;

namespace ServerSession.LocalCluster;

/// <summary>
/// A cluster on this machine: silos, frontends and the server that they need, as separate processes that live on when this one ends. All of
/// its state is in one folder, so that several processes may use it, also at the same time.
/// </summary>
public sealed class ProcessCluster : IDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(3);

    private readonly StateFolder _folder;
    private readonly Readiness _readiness;
    private readonly MemberLauncher _launcher;
    private readonly ClusterEnd _end;

    private ProcessCluster(StateFolder folder)
    {
        _folder = folder;
        _readiness = new Readiness(folder, TimeProvider.System);
        _launcher = new MemberLauncher(folder);
        _end = new ClusterEnd(folder);
    }

    /// <summary>Gets the folder of the cluster.</summary>
    public string Directory => _folder.Path;

    /// <summary>Gets the members with their ports, silos first.</summary>
    public IReadOnlyList<Member> Members => _folder.Read().Members;

    /// <summary>Gets the servers that the cluster needs.</summary>
    public IReadOnlyList<LocalServer> Servers => [.. _folder.Read().Servers.Select(name => LocalServer.TryOpen(_folder.FolderOf(name))).OfType<LocalServer>()];

    /// <summary>Gets the addresses of the frontends.</summary>
    public IReadOnlyList<Uri> Frontends => [.. Members.Where(static member => member.Role == MemberRole.WebHost).Select(static member => member.Http)];

    /// <summary>Starts a cluster and returns when every member is ready; ends what it started if one does not become so.</summary>
    /// <param name="directory">The folder of the cluster; made where it is missing.</param>
    /// <param name="options">What it consists of.</param>
    /// <param name="progress">Told what happens; null for nobody.</param>
    /// <param name="cancellationToken">Ends the start, and what was started.</param>
    /// <exception cref="LocalClusterException">It cannot be started, or one runs in this folder; the message says why.</exception>
    /// <exception cref="ServerStartException">The server that it needs cannot be installed or started; the message says why.</exception>
    public static async Task<ProcessCluster> UpAsync(
        string directory, ProcessClusterOptions options, Action<string>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!OperatingSystem.IsLinux())
        {
            throw new LocalClusterException("The local cluster needs Linux, because it recognizes its processes by /proc. Elsewhere use WSL or a container.");
        }

        options.Validate();
        var folder = new StateFolder(directory, TimeProvider.System);
        folder.Create();
        var cluster = new ProcessCluster(folder);
        try
        {
            await cluster.StartAllAsync(options, progress ?? (static _ => { }), cancellationToken).ConfigureAwait(false);
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <summary>Opens the cluster that was started in a folder.</summary>
    /// <exception cref="LocalClusterException">None was.</exception>
    public static ProcessCluster Open(string directory)
    {
        var folder = new StateFolder(directory, TimeProvider.System);
        _ = folder.Read();
        return new ProcessCluster(folder);
    }

    /// <summary>The member with this role and number.</summary>
    public Member Member(MemberRole role, int index)
    {
        var members = Members;
        return members.FirstOrDefault(member => member.Role == role && member.Index == index)
            ?? throw new LocalClusterException(
                $"There is no {role.ToString().ToLowerInvariant()} {index} in {_folder.Path}; there are {string.Join(", ", members.Select(static member => member.Title))}.");
    }

    /// <summary>The server with this name, for example <c>redis</c>.</summary>
    public LocalServer Server(string name)
    {
        var names = _folder.Read().Servers;
        return names.Contains(name)
            ? LocalServer.Open(_folder.FolderOf(name))
            : throw new LocalClusterException(names.Count == 0
                ? $"There is no server {name} in {_folder.Path}: this cluster needs none."
                : $"There is no server {name} in {_folder.Path}; there is {string.Join(", ", names)}.");
    }

    /// <summary>Finds out which members run and are ready.</summary>
    public async Task<ClusterStatus> StatusAsync(CancellationToken cancellationToken = default)
    {
        var members = await Task.WhenAll(Members.Select(async member => new MemberStatus(
            member.Role,
            member.Index,
            member.IsRunning ? member.Process!.Value.Id : null,
            await _readiness.IsReadyAsync(member, cancellationToken).ConfigureAwait(false),
            member.Http))).ConfigureAwait(false);
        return new ClusterStatus(members, [.. Servers.Select(static server => new ServerStatus(server.Name, server.IsRunning ? server.ProcessId : null, server.Port))]);
    }

    /// <summary>Ends a member at once, as a power cut would, and returns when its process is gone.</summary>
    public Task KillAsync(MemberRole role, int index, CancellationToken cancellationToken = default) =>
        ClusterEnd.KillAsync(Running(Member(role, index)), cancellationToken);

    /// <summary>Asks a member to shut down, as an orchestrator does, and returns when its process has ended.</summary>
    /// <exception cref="LocalClusterException">It does not run, is paused, or has not ended within 45 seconds.</exception>
    public async Task StopAsync(MemberRole role, int index, CancellationToken cancellationToken = default)
    {
        var member = Member(role, index);
        var process = Running(member);
        if (process.IsPaused)
        {
            throw new LocalClusterException($"{member.Title} is paused and would not notice; resume it first, or kill it.");
        }

        if (!await ClusterEnd.TryStopAsync(process, cancellationToken).ConfigureAwait(false))
        {
            throw new LocalClusterException($"{member.Title} (process {process.Id}) was sent SIGTERM and still runs; see {_folder.LogOf(member.Name)}.");
        }
    }

    /// <summary>Freezes a member: it keeps its connections and does nothing.</summary>
    public void Pause(MemberRole role, int index) => Running(Member(role, index)).Pause();

    /// <summary>Lets a frozen member go on.</summary>
    public void Resume(MemberRole role, int index) => Running(Member(role, index)).Resume();

    /// <summary>Starts a member that has ended, on the ports it had, and returns when it is ready.</summary>
    public async Task StartAsync(MemberRole role, int index, CancellationToken cancellationToken = default)
    {
        var member = await LaunchAsync(role, index, cancellationToken).ConfigureAwait(false);
        await _readiness.WaitAsync(member, StartPatience, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a member that has ended, on the ports it had, without waiting until it is ready.</summary>
    public async Task<Member> LaunchAsync(MemberRole role, int index, CancellationToken cancellationToken = default)
    {
        using (await _folder.LockAsync(cancellationToken).ConfigureAwait(false))
        {
            var state = _folder.Read();
            var member = Member(role, index);
            if (member.IsRunning)
            {
                throw new LocalClusterException($"{member.Title} runs already (process {member.Process!.Value.Id}).");
            }

            member = _launcher.Launch(state.Options, member);
            _folder.Write(state.With(member));
            return member;
        }
    }

    /// <summary>Lets members that start from now on run other assemblies, for example those of another build; the running ones stay as they are.</summary>
    public async Task UseAsync(string siloAssembly, string webHostAssembly, CancellationToken cancellationToken = default)
    {
        using (await _folder.LockAsync(cancellationToken).ConfigureAwait(false))
        {
            var state = _folder.Read();
            var options = state.Options with { SiloAssembly = siloAssembly, WebHostAssembly = webHostAssembly };
            options.Validate();
            _folder.Write(state with { Options = options });
        }
    }

    /// <summary>Changes the settings of a member, which it reads when it starts the next time.</summary>
    /// <param name="role">Silo or frontend.</param>
    /// <param name="index">Its number.</param>
    /// <param name="change">Is given the settings by their keys, for example <c>ServerSession:IdleTimeout</c>, and changes them.</param>
    /// <param name="cancellationToken">Ends the reading and writing.</param>
    public Task ChangeSettingsAsync(MemberRole role, int index, Action<IDictionary<string, string>> change, CancellationToken cancellationToken = default) =>
        MemberSettings.ChangeAsync(_folder.FolderOf(Member(role, index).Name), change, cancellationToken);

    /// <summary>Returns when a member is ready.</summary>
    public Task WaitUntilReadyAsync(MemberRole role, int index, CancellationToken cancellationToken = default) =>
        _readiness.WaitAsync(Member(role, index), StartPatience, cancellationToken);

    /// <summary>Starts a server that has ended, with its data and on the port it had, and returns when it accepts connections.</summary>
    public async Task StartServerAsync(string name, CancellationToken cancellationToken = default)
    {
        var server = Server(name);
        if (server.IsRunning)
        {
            throw new LocalClusterException($"{name} runs already (process {server.ProcessId}).");
        }

        await server.RestartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Restarts all silos and then all frontends, one at a time: each is asked to shut down and started again, and the next one follows when it is
    /// ready. A member that does not run is only started.
    /// </summary>
    public async Task RollAsync(Action<string>? progress = null, CancellationToken cancellationToken = default)
    {
        foreach (var member in Members)
        {
            if (member.IsRunning)
            {
                progress?.Invoke($"stopping {member.Title}");
                await StopAsync(member.Role, member.Index, cancellationToken).ConfigureAwait(false);
            }

            progress?.Invoke($"starting {member.Title}");
            await StartAsync(member.Role, member.Index, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Ends the cluster: frontends, then silos, then servers are asked to shut down, and killed where they do not. The logs and what was stored
    /// stay in the folder; a later <see cref="UpAsync"/> with the same storage finds the sessions again.
    /// </summary>
    public async Task DownAsync(CancellationToken cancellationToken = default)
    {
        using (await _folder.LockAsync(cancellationToken).ConfigureAwait(false))
        {
            await _end.ShutDownAsync(_folder.Read(), cancellationToken).ConfigureAwait(false);
            _folder.Forget();
        }
    }

    /// <summary>The lines of a log: standard output and error of a member since its folder was made.</summary>
    /// <param name="name">For example <c>silo1</c>, <c>webhost2</c> or <c>redis</c>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public IAsyncEnumerable<string> ReadLogAsync(string name, CancellationToken cancellationToken = default) =>
        StateFolder.ReadLinesAsync(_folder.Read().Servers.Contains(name) ? Server(name).OutputFile : _folder.LogOf(name), cancellationToken);

    public void Dispose() => _readiness.Dispose();

    private async Task StartAllAsync(ProcessClusterOptions options, Action<string> progress, CancellationToken cancellationToken)
    {
        using (await _folder.LockAsync(cancellationToken).ConfigureAwait(false))
        {
            await new ClusterRemains(_folder).ClearAsync(progress, cancellationToken).ConfigureAwait(false);
            var state = new ClusterState(options, ClusterPlan.Make(options), []);
            try
            {
                _folder.Write(state);
                string? connection = null;
                if (StorageServers.NameOf(options.Storage) is { } name)
                {
                    // Noted before it runs, so that `down` finds it also where this command is killed meanwhile.
                    progress($"starting {name}");
                    state = state with { Servers = [name] };
                    _folder.Write(state);
                    connection = (await StorageServers.StartAsync(name, _folder.CreateFolder(name), cancellationToken).ConfigureAwait(false)).ConnectionString;
                }

                // A cluster id of its own: the membership table may still list the silos of an earlier cluster in this folder.
                var clusterId = $"local-{Guid.NewGuid():N}"[..14];
                foreach (var group in state.Members.GroupBy(static member => member.Role).ToArray())
                {
                    progress($"starting {string.Join(", ", group.Select(static member => member.Title))}");
                    foreach (var member in group)
                    {
                        await MemberSettings.WriteAsync(state, member, clusterId, connection, _folder.CreateFolder(member.Name), cancellationToken).ConfigureAwait(false);
                        state = state.With(_launcher.Launch(options, member));
                        _folder.Write(state);
                    }

                    var started = state.Members.Where(member => member.Role == group.Key);
                    await Task.WhenAll(started.Select(member => _readiness.WaitAsync(member, StartPatience, cancellationToken))).ConfigureAwait(false);
                }
            }
            catch
            {
                await _end.KillAllAsync(state).ConfigureAwait(false);
                _folder.Forget();
                throw;
            }
        }
    }

    private static ServerProcess Running(Member member) => member.IsRunning
        ? member.Process!.Value
        : throw new LocalClusterException($"{member.Title} does not run. Start it with `start {member.Title}`.");
}
