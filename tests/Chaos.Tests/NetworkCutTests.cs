using System.Text.Json.Nodes;
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
            var silo = cluster.Member(MemberRole.Silo, 1);
            await cluster.StopAsync(MemberRole.Silo, 1, Cancellation);
            await using var proxy = new TcpProxy(peers == "store" ? cluster.Servers.Single().Port : silo.SiloPort);
            RouteThrough(proxy, Path.Combine(folder.Path, silo.Name, "appsettings.json"), peers, cluster.Servers.Single().Port);
            await cluster.StartAsync(MemberRole.Silo, 1, Cancellation);
            using var frontends = new Frontends(cluster.Frontends, ChaosTests.LongestRequest);
            var users = new Users(frontends, count: 10, population: 300, seed: 7);
            users.Start();
            await users.AcknowledgedAsync(500, TimeSpan.FromSeconds(60));

            proxy.Cut();
            await Task.Delay(Cut, Cancellation);
            proxy.Mend();
            for (var look = 0; look < 40 && cluster.Member(MemberRole.Silo, 1).IsRunning
                && !(await cluster.StatusAsync(Cancellation)).Members.Single(member => member is { Role: MemberRole.Silo, Index: 1 }).Ready; look++)
            {
                await Task.Delay(500, Cancellation);
            }

            if (!cluster.Member(MemberRole.Silo, 1).IsRunning)
            {
                await cluster.StartAsync(MemberRole.Silo, 1, Cancellation);
            }

            await users.AcknowledgedAsync(200, TimeSpan.FromSeconds(60));
            await users.StopAsync();
            var checker = new Checker(frontends);
            KnownSession[] sessions = [.. users.Sessions];
            await checker.RunAsync(sessions);
            string[] found = [.. sessions.SelectMany(static session => session.Faults), .. frontends.Faults, .. checker.Faults];
            Console.WriteLine($"cut from the {peers}: {users.Acknowledged} acknowledged changes, {frontends.Unavailable} of {frontends.Requests} requests answered 503, slowest {frontends.Slowest.TotalSeconds:0.0} s");
            Assert.True(found.Length == 0, string.Join(Environment.NewLine, found.Take(25)));
        }
        finally
        {
            await cluster.DownAsync(CancellationToken.None);
        }
    }

    /// <summary>Changes a silo's settings so that its way to the store, or the others' way to it, leads through the proxy.</summary>
    private static void RouteThrough(TcpProxy proxy, string file, string peers, int storePort)
    {
        var text = File.ReadAllText(file);
        if (peers == "store")
        {
            text = text.Replace($":{storePort}", $":{proxy.Port}", StringComparison.Ordinal);
        }
        else
        {
            // It listens where it did; what it tells the others is the proxy's port.
            var settings = JsonNode.Parse(text)!.AsObject();
            settings["Orleans:Endpoints:SiloPort"] = proxy.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
            text = settings.ToJsonString();
        }

        File.WriteAllText(file, text);
    }
}
