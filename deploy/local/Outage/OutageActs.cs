namespace ServerSession.LocalCluster;

/// <summary>What can be done to a cluster while its sessions are read, and undone.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="operands">For example <c>kill silo 1</c>; empty for nothing.</param>
/// <param name="pause">How long what is paused or starved stays so.</param>
public sealed class OutageActs(ProcessCluster cluster, IReadOnlyList<string> operands, TimeSpan pause)
{
    public Task RunAsync(CancellationToken cancellationToken) => operands switch
    {
        [] => Task.CompletedTask,
        ["kill", "silos"] => KillSilosAsync(cancellationToken),
        ["kill", "server", var name] => KillServerAsync(name, cancellationToken),
        ["pause", "server", var name] => PausedAsync(cluster.Server(name).Pause, cluster.Server(name).Resume, cancellationToken),
        ["kill" or "stop" or "pause" or "starve", var role, var index] => MemberAsync(operands[0], Commands.MemberOf([role, index]), cancellationToken),
        _ => throw CommandLine.Usage($"outage does not know '{string.Join(' ', operands)}'."),
    };

    private async Task MemberAsync(string verb, (MemberRole Role, int Index) member, CancellationToken cancellationToken)
    {
        switch (verb)
        {
            case "kill":
                await cluster.KillAsync(member.Role, member.Index, cancellationToken).ConfigureAwait(false);
                break;
            case "stop":
                await cluster.StopAsync(member.Role, member.Index, cancellationToken).ConfigureAwait(false);
                break;
            case "starve":
                await cluster.StarveAsync(member.Role, member.Index, pause, cancellationToken).ConfigureAwait(false);
                break;
            default:
                await PausedAsync(
                    () => cluster.Pause(member.Role, member.Index), () => cluster.Resume(member.Role, member.Index), cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    private async Task KillSilosAsync(CancellationToken cancellationToken)
    {
        // In a co-hosted cluster these are the frontends.
        var silos = cluster.Members.Where(static member => member.SiloPort > 0).ToArray();
        await Task.WhenAll(silos.Select(silo => cluster.KillAsync(silo.Role, silo.Index, cancellationToken))).ConfigureAwait(false);
        foreach (var silo in silos)
        {
            await cluster.LaunchAsync(silo.Role, silo.Index, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task KillServerAsync(string name, CancellationToken cancellationToken)
    {
        await cluster.Server(name).KillAsync(cancellationToken).ConfigureAwait(false);
        await cluster.StartServerAsync(name, cancellationToken).ConfigureAwait(false);
    }

    private async Task PausedAsync(Action stop, Action go, CancellationToken cancellationToken)
    {
        stop();
        try
        {
            await Task.Delay(pause > TimeSpan.Zero ? pause : TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            go();
        }
    }
}
