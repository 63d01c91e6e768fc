using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>Breaks the cluster in one way after the other, and mends it.</summary>
internal sealed class FaultInjector(ProcessCluster cluster, Frontends frontends, ILoad users, Random random, CancellationToken cancellationToken)
{
    private static readonly TimeSpan SiloPause = TimeSpan.FromSeconds(14);
    private static readonly TimeSpan SiloFreeze = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Starvation = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StoragePause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(6);

    /// <summary>Lets one fault happen under load, mends it, and returns when every member is ready and work goes on.</summary>
    public async Task RunAsync(Fault fault)
    {
        var silo = random.Next(Count(MemberRole.Silo)) + 1;
        var webHost = random.Next(Count(MemberRole.WebHost)) + 1;
        await SilosReadyAsync();
        switch (fault)
        {
            case Fault.KillSilo:
                await cluster.KillAsync(MemberRole.Silo, silo, cancellationToken);
                await users.AcknowledgedAsync(200, Outage);
                await cluster.StartAsync(MemberRole.Silo, silo, cancellationToken);
                break;
            case Fault.StopSilo:
                await cluster.StopAsync(MemberRole.Silo, silo, cancellationToken);
                await cluster.StartAsync(MemberRole.Silo, silo, cancellationToken);
                break;
            case Fault.PauseSilo:
                await FreezeAsync(silo, SiloPause);
                break;
            case Fault.FreezeSilo:
                await FreezeAsync(silo, SiloFreeze);
                break;
            case Fault.StarveSilo:
                var process = cluster.Member(MemberRole.Silo, silo).Process;
                await cluster.StarveAsync(MemberRole.Silo, silo, Starvation, cancellationToken);
                await SilosReadyAsync();
                Assert.True(process == cluster.Member(MemberRole.Silo, silo).Process, $"Silo {silo} was busy for {Starvation}, and was declared dead.");
                break;
            case Fault.KillWebHost:
                using (frontends.Ends(cluster.Member(MemberRole.WebHost, webHost).Http))
                {
                    await cluster.KillAsync(MemberRole.WebHost, webHost, cancellationToken);
                    await users.AcknowledgedAsync(100, Outage);
                    await cluster.StartAsync(MemberRole.WebHost, webHost, cancellationToken);
                }

                break;
            case Fault.KillAllSilos:
                await ForAllSilosAsync(index => cluster.KillAsync(MemberRole.Silo, index, cancellationToken));
                await ForAllSilosAsync(index => cluster.LaunchAsync(MemberRole.Silo, index, cancellationToken));
                await ForAllSilosAsync(index => cluster.WaitUntilReadyAsync(MemberRole.Silo, index, cancellationToken));
                break;
            case Fault.PauseStorage:
                var paused = cluster.Servers.Single();
                paused.Pause();
                await Task.Delay(StoragePause, cancellationToken);
                paused.Resume();
                break;
            case Fault.RestartStorage:
                var restarted = cluster.Servers.Single();
                await restarted.KillAsync(cancellationToken);
                await cluster.StartServerAsync(restarted.Name, cancellationToken);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault), fault, null);
        }

        await HealthyAsync();
    }

    private async Task FreezeAsync(int silo, TimeSpan time)
    {
        cluster.Pause(MemberRole.Silo, silo);
        await Task.Delay(time, cancellationToken);
        cluster.Resume(MemberRole.Silo, silo);
    }

    /// <summary>Returns when every member is ready and work goes on.</summary>
    private async Task HealthyAsync()
    {
        await SilosReadyAsync();
        foreach (var frontend in cluster.Members.Where(static member => member.Role == MemberRole.WebHost))
        {
            await cluster.WaitUntilReadyAsync(frontend.Role, frontend.Index, cancellationToken);
        }

        await users.AcknowledgedAsync(150, Eventually.Patience);
    }

    /// <summary>
    /// Returns when every silo is ready. One that learns that it was declared dead ends itself, and whoever runs it starts it again. One that then ends again is broken,
    /// unless the machine stood still meanwhile.
    /// </summary>
    private async Task SilosReadyAsync()
    {
        var (launched, isExcused, stalls) = (new HashSet<int>(), false, Stalls.Total);
        await Eventually.HoldsAsync(
            async () =>
            {
                foreach (var silo in cluster.Members.Where(static member => member.Role == MemberRole.Silo && !member.IsRunning))
                {
                    Console.WriteLine($"{silo.Title} has ended, and is launched again");
                    if (!launched.Add(silo.Index))
                    {
                        var failure = $"{silo.Title} was launched, and ended again";
                        Assert.True(!isExcused && await Stalls.ExcuseAsync(failure, stalls), failure);
                        isExcused = true;
                    }

                    await cluster.LaunchAsync(silo.Role, silo.Index, cancellationToken);
                }

                return (await cluster.StatusAsync(cancellationToken)).Members.All(static member => member.Role != MemberRole.Silo || member.Ready);
            },
            static () => "all silos were ready");
    }

    private int Count(MemberRole role) => cluster.Members.Count(member => member.Role == role);

    private Task ForAllSilosAsync(Func<int, Task> action) => Task.WhenAll(Enumerable.Range(1, Count(MemberRole.Silo)).Select(action));
}
