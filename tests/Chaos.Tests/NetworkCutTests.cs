using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>One silo is cut off from the store, or from the other silos, while users are at work.</summary>
public sealed class NetworkCutTests
{
    private static readonly TimeSpan StoreCut = TimeSpan.FromSeconds(12);

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
            await using var exact = await ExactReaders.StartAsync(frontends);
            await users.AcknowledgedAsync(500, Eventually.Patience);

            var hasEnded = await CutFromStoreAsync(cluster, toStore);
            await users.AcknowledgedAsync(200, Eventually.Patience);
            Console.WriteLine($"cut from the store{(hasEnded ? ", declared dead" : "")}: {Told(users, frontends)}");

            await using var toSilos = await CutNetwork.FromSilosAsync(cluster, Cancellation);
            await users.AcknowledgedAsync(200, Eventually.Patience);

            await CutFromSilosAsync(cluster, toSilos);
            await users.AcknowledgedAsync(200, Eventually.Patience);
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

    /// <summary>Cuts silo 1 off from the store for a while and mends the network.</summary>
    /// <returns>Whether the silo ended, because the others had declared it dead; it runs again then.</returns>
    private static async Task<bool> CutFromStoreAsync(ProcessCluster cluster, CutNetwork network)
    {
        network.Cut();
        await Task.Delay(StoreCut, Cancellation);
        network.Mend();
        await Eventually.HoldsAsync(
            async () => !IsRunning(cluster) || (await cluster.StatusAsync(Cancellation)).Members.Single(static member => member is { Role: MemberRole.Silo, Index: 1 }).Ready,
            static () => "the silo was ready again, or ended");
        AssertHeld(network);
        if (IsRunning(cluster))
        {
            return false;
        }

        await cluster.StartAsync(MemberRole.Silo, 1, Cancellation);
        return true;
    }

    /// <summary>Cuts silo 1 off from the other silos until it ends: they declare it dead, which it reads in the store. The network is mended then, and the silo started again.</summary>
    private static async Task CutFromSilosAsync(ProcessCluster cluster, CutNetwork network)
    {
        network.Cut();
        await Eventually.HoldsAsync(() => !IsRunning(cluster), static () => "the other silos missed the one that was cut off");
        network.Mend();
        AssertHeld(network);
        await cluster.StartAsync(MemberRole.Silo, 1, Cancellation);
    }

    private static bool IsRunning(ProcessCluster cluster) => cluster.Member(MemberRole.Silo, 1).IsRunning;

    /// <summary>A cut that nobody notices shows nothing.</summary>
    private static void AssertHeld(CutNetwork network) => Assert.True(network.Held > 0, "Nothing was on its way when the network was cut.");

    private static string Told(Users users, Frontends frontends) =>
        $"{users.Acknowledged} acknowledged changes, {frontends.Unavailable} of {frontends.Requests} requests answered 503, slowest {frontends.Slowest.TotalSeconds:0.0} s";
}
