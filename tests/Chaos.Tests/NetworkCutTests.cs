using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>One silo is cut off from the store, or from the other silos, while users are at work.</summary>
public sealed class NetworkCutTests
{
    private static readonly TimeSpan Cut = TimeSpan.FromSeconds(12);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silo_cut_off_from_the_store_and_then_from_the_other_silos_holds_the_guarantees()
    {
        using var folder = new TempFolder();
        using var cluster = await ProcessCluster.UpAsync(folder.Path, new ProcessClusterOptions(), cancellationToken: Cancellation);
        try
        {
            await using var toStore = await CutNetwork.FromStoreAsync(cluster, Cancellation);
            using var frontends = new Frontends(cluster.Frontends, ChaosTests.LongestRequest);
            var users = new Users(frontends, count: 10, population: 300, seed: 7);
            users.Start();
            await using var exact = await ExactReaders.StartAsync(frontends, Cancellation);
            await users.AcknowledgedAsync(500, TimeSpan.FromSeconds(60));

            var hasEnded = await CutAsync(cluster, toStore);
            await users.AcknowledgedAsync(200, TimeSpan.FromSeconds(60));
            Console.WriteLine($"cut from the store{(hasEnded ? ", declared dead" : "")}: {Told(users, frontends)}");

            await using var toSilos = await CutNetwork.FromSilosAsync(cluster, Cancellation);
            await users.AcknowledgedAsync(200, TimeSpan.FromSeconds(60));

            // A silo that no other one reaches is declared dead, and ends when it reads so.
            Assert.True(await CutAsync(cluster, toSilos), "The other silos did not miss the one that was cut off.");
            await users.AcknowledgedAsync(200, TimeSpan.FromSeconds(60));
            await exact.StopAsync();
            await users.StopAsync();
            var checker = new Checker(frontends);
            KnownSession[] sessions = [.. users.Sessions];
            await checker.RunAsync(sessions);
            string[] found = [.. sessions.SelectMany(static session => session.Faults), .. frontends.Faults, .. checker.Faults, .. exact.Faults];
            Console.WriteLine($"and cut from the silos: {Told(users, frontends)}; {exact.Summary}");
            Assert.True(found.Length == 0, string.Join(Environment.NewLine, found.Take(25)));
            Assert.True(exact.Beside > 50, $"The exact readers did too little beside the writers to show anything: {exact.Summary}.");
        }
        finally
        {
            await cluster.DownAsync(CancellationToken.None);
        }
    }

    /// <summary>Cuts silo 1 off and mends the network.</summary>
    /// <returns>Whether the silo ended, because the others had declared it dead; it runs again then.</returns>
    private static async Task<bool> CutAsync(ProcessCluster cluster, CutNetwork network)
    {
        network.Cut();
        await Task.Delay(Cut, Cancellation);
        network.Mend();
        for (var look = 0; look < 40 && cluster.Member(MemberRole.Silo, 1).IsRunning
            && !(await cluster.StatusAsync(Cancellation)).Members.Single(static member => member is { Role: MemberRole.Silo, Index: 1 }).Ready; look++)
        {
            await Task.Delay(500, Cancellation);
        }

        // A cut that nobody notices shows nothing.
        Assert.True(network.Held > 0, "Nothing was on its way when the network was cut.");
        if (cluster.Member(MemberRole.Silo, 1).IsRunning)
        {
            return false;
        }

        await cluster.StartAsync(MemberRole.Silo, 1, Cancellation);
        return true;
    }

    private static string Told(Users users, Frontends frontends) =>
        $"{users.Acknowledged} acknowledged changes, {frontends.Unavailable} of {frontends.Requests} requests answered 503, slowest {frontends.Slowest.TotalSeconds:0.0} s";
}
