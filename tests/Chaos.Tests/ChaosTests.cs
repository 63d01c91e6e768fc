using System.Globalization;
using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>
/// The guarantees on a cluster of real processes over a real store, while its processes die, freeze and come back. Its users record what they were
/// told; afterwards the cluster holds exactly that. <c>CHAOS_SEED</c> repeats a run's choices, <c>CHAOS_FAULTS</c> makes it long; <c>./chaos.sh</c> sets both.
/// </summary>
public sealed class ChaosTests
{
    /// <summary>A request's budget of 6 s and 0.5 s for each further call (docs/guarantees.md), and as much again for a busy test machine.</summary>
    internal static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(2 * 7);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task Cluster_on_Redis_under_faults_holds_what_was_acknowledged() => RunAsync(
        StorageKind.Redis,
        [Fault.KillSilo, Fault.KillWebHost, Fault.PauseSilo]);

    [Fact]
    public Task Cluster_on_PostgreSQL_under_faults_holds_what_was_acknowledged() => RunAsync(
        StorageKind.Postgres,
        [Fault.RestartStorage, Fault.PauseStorage, Fault.KillAllSilos]);

    private static async Task RunAsync(StorageKind storage, Fault[] shortForm)
    {
        var seed = Number("CHAOS_SEED") ?? 20_261;
        var random = new Random(seed);
        var faults = Number("CHAOS_FAULTS") is { } count ? [.. Enumerable.Range(0, count).Select(_ => (Fault)random.Next(Enum.GetValues<Fault>().Length))] : shortForm;
        using var folder = new TempFolder();
        LetServersIn(folder);
        using var cluster = await ProcessCluster.UpAsync(folder.Path, new ProcessClusterOptions { Storage = storage }, cancellationToken: Cancellation);
        try
        {
            using var frontends = new Frontends(cluster.Frontends, LongestRequest);
            var users = new Users(frontends, count: 12, population: Number("CHAOS_SESSIONS") ?? 600, seed);
            users.Start();
            await using var near = await NearReaders.StartAsync(cluster, frontends, Cancellation);
            await using var exact = await ExactReaders.StartAsync(frontends);
            await users.AcknowledgedAsync(800, Eventually.Patience);

            // A slow machine takes longer until the load does enough to show anything. After the last fault it would show nothing.
            await Eventually.HoldsAsync(
                () => users.Acknowledged >= 800 && users.Sessions.Any(static session => session.DeadCookies.Count > 0) && near.Hits > 100 && exact.Beside > 20,
                () => $"the load did enough: {users.Acknowledged} changes were acknowledged, {near.Summary}; {exact.Summary}");
            var (hits, beside, acknowledged) = (near.Hits, exact.Beside, users.Acknowledged);
            var injector = new FaultInjector(cluster, frontends, users, random, Cancellation);
            foreach (var fault in faults)
            {
                var (before, requests, refused) = (users.Acknowledged, frontends.Requests, frontends.Unavailable);
                await injector.RunAsync(fault);
                Console.WriteLine($"{storage} {fault}: {users.Acknowledged - before} changes acknowledged, {frontends.Unavailable - refused} of {frontends.Requests - requests} requests answered 503");
            }

            (hits, beside, acknowledged) = (near.Hits - hits, exact.Beside - beside, users.Acknowledged - acknowledged);
            Assert.True(
                acknowledged > 200 && hits > 100 && beside > 20,
                $"The load did too little during the faults to show anything: {acknowledged} changes were acknowledged, {hits} near reads were made without a call, {beside} exact reads beside a write.");
            await Task.WhenAll(near.StopAsync(), exact.StopAsync());
            await users.StopAsync();
            var checker = new Checker(frontends);
            KnownSession[] sessions = [.. users.Sessions];
            await checker.RunAsync(sessions);
            string[] found = [.. sessions.SelectMany(static session => session.Faults), .. frontends.Faults, .. checker.Faults, .. near.Faults, .. exact.Faults];
            Console.WriteLine($"{storage}, CHAOS_SEED={seed}: {users.Acknowledged} acknowledged changes of {sessions.Length} sessions, "
                + $"{sessions.Sum(static session => session.DeadCookies.Count)} dead tokens, slowest request {frontends.Slowest.TotalSeconds:0.0} s, {found.Length} faults");
            Console.WriteLine($"{storage}, CHAOS_SEED={seed}: {near.Summary}; {exact.Summary}");
            Assert.True(found.Length == 0, $"CHAOS_SEED={seed} on {storage}, {found.Length} faults:{Environment.NewLine}{string.Join(Environment.NewLine, found.Take(25))}");
            Assert.True(near.Hits < near.Reads, $"The near caches did too much to show anything: {near.Summary}.");
        }
        finally
        {
            await cluster.DownAsync(CancellationToken.None);
        }
    }

    /// <summary>PostgreSQL runs as a separate user, which has to reach its folder.</summary>
    private static void LetServersIn(TempFolder folder)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder.Path, File.GetUnixFileMode(folder.Path) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
