using System.Globalization;

namespace ServerSession.LocalCluster;

/// <summary>What the command line can ask for.</summary>
public sealed class Commands(CommandLine line, TextWriter output, TextWriter progress, TimeProvider time)
{
    private const string Help =
        """
        A cluster of ServerSession.Orleans on this machine.

          cluster up [--silos 3] [--webhosts 2] [--cohosted] [--storage redis|postgres|azurite|sqlite]
                     [--environment Development] [--set Key=Value …]
                                          starts everything and returns when all members are ready
          cluster status                  what runs, as JSON
          cluster kill silo|webhost K     SIGKILL: ends it at once
          cluster stop silo|webhost K     SIGTERM: asks it to shut down, waits for that
          cluster pause silo|webhost K    SIGSTOP: freezes it
          cluster resume silo|webhost K   SIGCONT: lets it go on
          cluster start silo|webhost K    starts it again on the same ports, waits until it is ready
          cluster kill|pause|resume|start server redis|postgres|azurite
          cluster roll                    restarts all silos, then all webhosts, one at a time
          cluster logs [silo|webhost K | server NAME]
          cluster outage [kill|stop|pause|starve silo|webhost K | kill silos | kill|pause server NAME] [--sessions 200] [--seconds 20]
                                          reads sessions all the time, does that, and tells what their users noticed;
                                          what was paused or starved (it runs a fiftieth of the time) goes on after --seconds less 10; `silos` (co-hosted: all webhosts)
                                          and servers start again
          cluster down                    ends everything that it started; logs and stored sessions stay in the folder

        --cohosted: no silos of their own, each webhost holds one. --dir DIR, with every command: the folder of the
        cluster (artifacts/cluster by default), one for each cluster that runs at the same time.
        """;

    public Task RunAsync(CancellationToken cancellationToken) => line.Verb switch
    {
        "help" => output.WriteLineAsync(Help),
        "up" => UpAsync(cancellationToken),
        "status" => WithoutOperands(StatusAsync, cancellationToken),
        "roll" => WithoutOperands(async (cluster, token) => await cluster.RollAsync(progress.WriteLine, token), cancellationToken),
        "down" => WithoutOperands(static (cluster, token) => cluster.DownAsync(token), cancellationToken),
        "logs" => LogsAsync(cancellationToken),
        "outage" => OutageAsync(cancellationToken),
        "kill" or "stop" or "pause" or "resume" or "start" => ActAsync(cancellationToken),
        _ => throw CommandLine.Usage($"'{line.Verb}' is no command."),
    };

    private async Task UpAsync(CancellationToken cancellationToken)
    {
        NoOperands();
        var began = time.GetTimestamp();
        var options = line.ToOptions();
        if (options.Storage == StorageKind.Sqlite)
        {
            progress.WriteLine("sqlite: one silo only, because its file belongs to one process");
        }

        using var cluster = await ProcessCluster.UpAsync(line.Directory, options, progress.WriteLine, cancellationToken);
        foreach (var server in cluster.Servers)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{server.Name,-10} 127.0.0.1:{server.Port}"));
        }

        foreach (var member in cluster.Members)
        {
            await output.WriteLineAsync($"{member.Title,-10} {member.Http.GetLeftPart(UriPartial.Authority)}");
        }

        var directory = line.HasDirectory ? $" --dir {line.Directory}" : "";
        await progress.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"ready after {time.GetElapsedTime(began).TotalSeconds:0.0} s; logs in {Path.Combine(cluster.Directory, "logs")}; `cluster down{directory}` ends it"));
    }

    private async Task StatusAsync(ProcessCluster cluster, CancellationToken cancellationToken) =>
        await output.WriteLineAsync((await cluster.StatusAsync(cancellationToken)).ToJson());

    private async Task ActAsync(CancellationToken cancellationToken)
    {
        if (line.Operands.Count != 2)
        {
            throw CommandLine.Usage($"{line.Verb} needs to know whom: `{line.Verb} silo 1`, `{line.Verb} webhost 1` or `{line.Verb} server redis`.");
        }

        using var cluster = ProcessCluster.Open(line.Directory);
        if (line.Operands[0] == "server")
        {
            await ActOnServerAsync(cluster, line.Operands[1], cancellationToken);
            return;
        }

        var (role, index) = MemberOf(line.Operands);
        switch (line.Verb)
        {
            case "kill":
                await cluster.KillAsync(role, index, cancellationToken);
                break;
            case "stop":
                await cluster.StopAsync(role, index, cancellationToken);
                break;
            case "pause":
                cluster.Pause(role, index);
                break;
            case "resume":
                cluster.Resume(role, index);
                break;
            default:
                await cluster.StartAsync(role, index, cancellationToken);
                break;
        }
    }

    private async Task ActOnServerAsync(ProcessCluster cluster, string name, CancellationToken cancellationToken)
    {
        switch (line.Verb)
        {
            case "kill":
                await cluster.Server(name).KillAsync(cancellationToken);
                break;
            case "pause":
                cluster.Server(name).Pause();
                break;
            case "resume":
                cluster.Server(name).Resume();
                break;
            case "start":
                await cluster.StartServerAsync(name, cancellationToken);
                break;
            default:
                throw CommandLine.Usage("A server can be killed, paused, resumed and started; `down` shuts it down.");
        }
    }

    private async Task OutageAsync(CancellationToken cancellationToken)
    {
        using var cluster = ProcessCluster.Open(line.Directory);
        var duration = TimeSpan.FromSeconds(line.Number("--seconds", 20));
        var test = new OutageTest(cluster, line.Number("--sessions", 200), duration, output);
        await test.RunAsync(
            string.Join(' ', line.Operands), new OutageActs(cluster, line.Operands, duration - TimeSpan.FromSeconds(10)).RunAsync, cancellationToken);
    }

    private async Task LogsAsync(CancellationToken cancellationToken)
    {
        using var cluster = ProcessCluster.Open(line.Directory);
        var names = line.Operands switch
        {
            [] => cluster.Members.Select(static member => member.Name).ToArray(),
            ["server", var server] => [cluster.Server(server).Name],
            [_, _] => [cluster.Member(MemberOf(line.Operands).Role, MemberOf(line.Operands).Index).Name],
            _ => throw CommandLine.Usage("logs takes nothing, or `silo K`, `webhost K`, `server NAME`."),
        };
        foreach (var name in names)
        {
            await foreach (var text in cluster.ReadLogAsync(name, cancellationToken))
            {
                await output.WriteLineAsync(names.Length > 1 ? $"{name}: {text}" : text);
            }
        }
    }

    public static (MemberRole Role, int Index) MemberOf(IReadOnlyList<string> operands)
    {
        var role = operands[0] switch
        {
            "silo" => MemberRole.Silo,
            "webhost" => MemberRole.WebHost,
            var other => throw CommandLine.Usage($"'{other}' is neither silo, webhost nor server."),
        };
        return int.TryParse(operands[1], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? (role, index)
            : throw CommandLine.Usage($"'{operands[1]}' is no number of a {operands[0]}.");
    }

    private async Task WithoutOperands(Func<ProcessCluster, CancellationToken, Task> command, CancellationToken cancellationToken)
    {
        NoOperands();
        using var cluster = ProcessCluster.Open(line.Directory);
        await command(cluster, cancellationToken);
    }

    private void NoOperands()
    {
        if (line.Operands.Count > 0)
        {
            throw CommandLine.Usage($"{line.Verb} takes no '{line.Operands[0]}'.");
        }
    }
}
