using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>One silo is cut off from the store, or from the other silos, while users are at work.</summary>
public sealed class NetworkCutTests
{
    private static readonly TimeSpan Cut = TimeSpan.FromSeconds(12);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("store")]
    [InlineData("silos")]
    public async Task Silo_cut_off_from_its_peers_holds_the_guarantees(string peers)
    {
        using var folder = new TempFolder();
        using var cluster = await ProcessCluster.UpAsync(folder.Path, new ProcessClusterOptions(), cancellationToken: Cancellation);
        try
        {
            await using var network = peers == "store" ? await CutNetwork.FromStoreAsync(cluster, Cancellation) : await CutNetwork.FromSilosAsync(cluster, Cancellation);
            using var frontends = new Frontends(cluster.Frontends, ChaosTests.LongestRequest);
            var users = new Users(frontends, count: 10, population: 300, seed: 7);
            users.Start();
            await users.AcknowledgedAsync(500, TimeSpan.FromSeconds(60));

            network.Cut();
            await Task.Delay(Cut, Cancellation);
            network.Mend();
            for (var look = 0; look < 40 && cluster.Member(MemberRole.Silo, 1).IsRunning
                && !(await cluster.StatusAsync(Cancellation)).Members.Single(member => member is { Role: MemberRole.Silo, Index: 1 }).Ready; look++)
            {
                await Task.Delay(500, Cancellation);
            }

            // A cut that nobody notices shows nothing. A silo that no other one reaches is declared dead, and ends when it reads so.
            var hasEnded = !cluster.Member(MemberRole.Silo, 1).IsRunning;
            Assert.True(network.Held > 0, "Nothing was on its way when the network was cut.");
            Assert.True(hasEnded || peers == "store", "The other silos did not miss the one that was cut off.");
            if (hasEnded)
            {
                await cluster.StartAsync(MemberRole.Silo, 1, Cancellation);
            }

            await users.AcknowledgedAsync(200, TimeSpan.FromSeconds(60));
            await users.StopAsync();
            var checker = new Checker(frontends);
            KnownSession[] sessions = [.. users.Sessions];
            await checker.RunAsync(sessions);
            string[] found = [.. sessions.SelectMany(static session => session.Faults), .. frontends.Faults, .. checker.Faults];
            Console.WriteLine($"cut from the {peers}{(hasEnded ? ", declared dead" : "")}: {users.Acknowledged} acknowledged changes, {frontends.Unavailable} of {frontends.Requests} requests answered 503, slowest {frontends.Slowest.TotalSeconds:0.0} s");
            Assert.True(found.Length == 0, string.Join(Environment.NewLine, found.Take(25)));
        }
        finally
        {
            await cluster.DownAsync(CancellationToken.None);
        }
    }
}
