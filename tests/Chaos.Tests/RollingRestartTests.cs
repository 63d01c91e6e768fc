using System.Net;
using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>All silos and then all frontends are restarted one by one under load, as a deployment does.</summary>
public sealed class RollingRestartTests
{
    private const int Sessions = 120;
    private const int Workers = 6;

    /// <summary>One repeat is enough where the machine is not too busy to let the silos look at their own membership in time.</summary>
    private const int Repeats = 3;

    /// <summary>What the answer's <c>Retry-After</c> tells a client to wait.</summary>
    private static readonly TimeSpan RetryAfter = new ServerSessionOptions().RetryAfter;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>From another build to this one; <c>upgrade.sh</c> makes the other one and names its folder in <c>UPGRADE_FROM</c>.</summary>
    [Fact(Explicit = true)]
    public Task Rolling_upgrade_from_an_older_build_keeps_sessions_and_fails_no_request_that_is_repeated()
    {
        var older = Environment.GetEnvironmentVariable("UPGRADE_FROM");
        Assert.True(older is { Length: > 0 }, "UPGRADE_FROM is not set: run ./upgrade.sh.");
        var now = new ProcessClusterOptions();
        var before = new ProcessClusterOptions { SiloAssembly = Of(now.SiloAssembly, older), WebHostAssembly = Of(now.WebHostAssembly, older) };
        return RollAsync(before, writes: true, cluster => cluster.UseAsync(now.SiloAssembly, now.WebHostAssembly, Cancellation));

        static string Of(string assembly, string older) => Path.Combine(older, Path.GetRelativePath(Path.GetFullPath(Path.Combine(ProcessClusterOptions.DefaultDirectory, "..", "..")), assembly));
    }

    [Fact]
    public Task Rolling_restart_keeps_volatile_sessions_and_fails_no_request_that_is_repeated() => RollAsync(
        new ProcessClusterOptions { Settings = new Dictionary<string, string> { ["ServerSession:Durability"] = "Volatile", ["ServerSession:DrainDelay"] = "00:00:01" } },
        writes: false,
        static _ => Task.CompletedTask);

    private static async Task RollAsync(ProcessClusterOptions options, bool writes, Func<ProcessCluster, Task> beforeTheRoll)
    {
        using var folder = new TempFolder();
        using var cluster = await ProcessCluster.UpAsync(folder.Path, options, cancellationToken: Cancellation);
        try
        {
            using var frontends = new Frontends(cluster.Frontends, ChaosTests.LongestRequest);
            string[] cookies = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(_ => CreateAsync()));
            using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            List<string> failures = [];
            var repeated = 0;
            var repeatedAgain = 0;
            var requests = 0;
            var load = Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(worker))));

            await beforeTheRoll(cluster);
            await cluster.RollAsync(cancellationToken: Cancellation);
            await over.CancelAsync();
            await load;

            Assert.True(failures.Count == 0, $"{failures.Count} of {requests} requests failed ({repeated} repeated, {repeatedAgain} once more): {string.Join(Environment.NewLine, failures.Take(10))}");
            Assert.True(requests > Sessions, "The load did too little to show anything.");
            Assert.Empty(frontends.Faults);
            foreach (var cookie in cookies)
            {
                Assert.Equal((HttpStatusCode.OK, "kept"), await ReadAsync(cookie));
            }

            Console.WriteLine($"roll: {requests} requests, {repeated} of them repeated, {repeatedAgain} once more, slowest {frontends.Slowest.TotalSeconds:0.0} s");

            async Task WorkAsync(int worker)
            {
                for (var turn = worker; !over.IsCancellationRequested; turn += Workers)
                {
                    var cookie = cookies[turn % Sessions];
                    Interlocked.Increment(ref requests);
                    var write = writes && turn / Sessions % 2 == 1;
                    var answer = await SendAsync();
                    for (var repeat = 1; answer.IsInDoubt && repeat <= Repeats; repeat++)
                    {
                        Interlocked.Increment(ref repeat == 1 ? ref repeated : ref repeatedAgain);
                        await Task.Delay(RetryAfter, Cancellation);
                        answer = await SendAsync();
                    }

                    if (write ? answer.Status != HttpStatusCode.NoContent && answer.Status != HttpStatusCode.OK : answer.Status != HttpStatusCode.OK || answer.Text != "kept")
                    {
                        lock (failures)
                        {
                            failures.Add(answer.ToString());
                        }
                    }

                    Task<Answer> SendAsync() => write ? frontends.WriteAsync(cookie, "turn", $"{turn}") : frontends.ReadAsync(cookie, "name");
                }
            }

            async Task<string> CreateAsync()
            {
                // A cluster that has just started on a busy machine may refuse at first.
                while (true)
                {
                    if ((await frontends.WriteAsync(null, "name", "kept")).Cookie is { } cookie)
                    {
                        return cookie;
                    }

                    await Task.Delay(RetryAfter, Cancellation);
                }
            }

            async Task<(HttpStatusCode?, string)> ReadAsync(string cookie)
            {
                var answer = await frontends.ReadAsync(cookie, "name");
                return (answer.Status, answer.Text);
            }
        }
        finally
        {
            await cluster.DownAsync(CancellationToken.None);
        }
    }
}
