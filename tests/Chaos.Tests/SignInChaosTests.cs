using System.Globalization;
using System.Reflection;
using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>
/// Sign-ins against the end of all sessions of a user and of the cluster and against the maximum, and renewals of tickets against their removal, on a cluster of real
/// processes that are killed meanwhile. No session is let in after its end was acknowledged, no user has more sessions than allowed, no live session is missing from
/// its user's list, no removed ticket comes back, and in the end nothing takes a place that nobody uses.
/// <c>CHAOS_SEED</c> repeats a run's choices, <c>CHAOS_FAULTS</c> makes it long.
/// </summary>
public sealed class SignInChaosTests
{
    private const int Maximum = 3;

    /// <summary>The end of all sessions goes on for as long as it makes progress.</summary>
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(40);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task Sign_ins_against_the_end_of_all_and_the_maximum_while_silos_are_killed() =>
        RunAsync(SubjectLimitPolicy.RejectNewest, [Fault.KillSilo]);

    [Fact(Explicit = true)]
    public Task Sign_ins_that_end_the_oldest_session_while_processes_are_killed() =>
        RunAsync(SubjectLimitPolicy.EndOldest, [Fault.KillSilo, Fault.KillWebHost, Fault.KillSilo, Fault.KillAllSilos]);

    [Fact(Explicit = true)]
    public Task Sign_ins_that_are_refused_at_the_maximum_while_processes_are_killed_and_frozen() =>
        RunAsync(SubjectLimitPolicy.RejectNewest, [Fault.KillSilo, Fault.KillWebHost, Fault.PauseSilo, Fault.KillAllSilos]);

    private static async Task RunAsync(SubjectLimitPolicy policy, Fault[] shortForm)
    {
        var seed = Number("CHAOS_SEED") ?? 20_262;
        var random = new Random(seed);
        Fault[] kinds = [Fault.KillSilo, Fault.StopSilo, Fault.PauseSilo, Fault.KillWebHost, Fault.KillAllSilos];
        var faults = Number("CHAOS_FAULTS") is { } count ? [.. Enumerable.Range(0, count).Select(_ => kinds[random.Next(kinds.Length)])] : shortForm;
        using var folder = new TempFolder();
        var options = new ProcessClusterOptions
        {
            WebHostAssembly = typeof(SignInChaosTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "SignInHost").Value!,
            Settings = new Dictionary<string, string>
            {
                ["ServerSession:Subjects:MaximumSessions"] = Maximum.ToString(CultureInfo.InvariantCulture),
                ["ServerSession:Subjects:WhenFull"] = policy.ToString(),
            },
        };
        var began = TimeProvider.System.GetTimestamp();
        using var cluster = await ProcessCluster.UpAsync(folder.Path, options, cancellationToken: Cancellation);
        try
        {
            using var frontends = new Frontends(cluster.Frontends, LongestRequest);
            var signIns = new SignIns(frontends, count: 4, Maximum, policy, seed);
            Console.WriteLine($"up after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s");
            var tickets = new Tickets(frontends, workers: 2, seed);
            var clusterEnds = new ClusterEnds(frontends, [.. signIns.Users, .. tickets.Holders]);
            signIns.Start();
            tickets.Start();
            clusterEnds.Start();
            await signIns.AcknowledgedAsync(50, Eventually.Patience);
            var injector = new FaultInjector(cluster, frontends, signIns, random, Cancellation);
            var (sent, unavailable) = (frontends.Requests, frontends.Unavailable);
            foreach (var fault in faults)
            {
                var (before, requests, refused) = (signIns.Acknowledged, frontends.Requests, frontends.Unavailable);
                await injector.RunAsync(fault);
                Console.WriteLine($"after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s {fault}: {signIns.Acknowledged - before} acknowledged, {frontends.Unavailable - refused} of {frontends.Requests - requests} requests answered 503");
            }

            // Judged now: what is sent after the last fault is answered.
            (sent, unavailable) = (frontends.Requests - sent, frontends.Unavailable - unavailable);
            Assert.True(unavailable < sent / 2, $"{unavailable} of {sent} requests during the faults were answered 503.");

            // A slow machine takes longer until the load has done enough to show anything.
            await Eventually.HoldsAsync(
                () => signIns.Ends > 20 && clusterEnds.Acknowledged > 2 && tickets.Raced > 20 && (signIns.Refused > 20 || policy == SubjectLimitPolicy.EndOldest),
                () => $"the load did enough: {signIns.Ends} ends of all, {clusterEnds.Acknowledged} of all of the cluster, {tickets.Raced} renewals that met a removal, {signIns.Refused} refused sign-ins");
            await Task.WhenAll(signIns.StopAsync(), tickets.StopAsync(), clusterEnds.StopAsync());
            await Task.WhenAll(signIns.CheckAsync(), tickets.CheckAsync());
            Console.WriteLine($"checked after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s");
            string[] found = [.. signIns.Users.Concat(tickets.Holders).SelectMany(static user => user.Faults), .. frontends.Faults];
            Console.WriteLine($"{policy}, CHAOS_SEED={seed}: {signIns.Users.Sum(static user => user.Sessions.Count)} sessions, {signIns.Ends} ends of all, {signIns.Refused} refused sign-ins, {clusterEnds.Acknowledged} ends of all of the cluster, "
                + $"{tickets.Holders.Sum(static holder => holder.Sessions.Count)} tickets, {tickets.Renewed} renewals, {tickets.Raced} of them on their way when their ticket was removed, "
                + $"slowest request {frontends.Slowest.TotalSeconds:0.0} s, {found.Length} faults");
            Assert.True(found.Length == 0, $"CHAOS_SEED={seed}, {found.Length} faults:{Environment.NewLine}{string.Join(Environment.NewLine, found.Take(25))}");
        }
        finally
        {
            await cluster.DownAsync(CancellationToken.None);
        }
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
