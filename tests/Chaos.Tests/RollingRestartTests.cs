using System.Net;
using ServerSession.LocalCluster;

namespace ServerSession.Tests;

/// <summary>All silos and then all frontends are restarted one by one under load, as a deployment does.</summary>
public sealed class RollingRestartTests
{
    private const int Sessions = 120;
    private const int Workers = 3;
    private const int LogLines = 40;

    // As fast as they can, the workers would take the processor time that the starting processes need.
    private static readonly TimeSpan BetweenRequests = TimeSpan.FromMilliseconds(10);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>From another build to this one; <c>upgrade.sh</c> makes the other one and names its folder in <c>UPGRADE_FROM</c>.</summary>
    [Fact(Explicit = true)]
    public Task Rolling_upgrade_from_an_older_build_keeps_sessions_and_fails_no_request_that_is_repeated()
    {
        var now = new ProcessClusterOptions();
        return RollAsync(Older(now), volatileSessions: 0, cluster => cluster.UseAsync(now.SiloAssembly, now.WebHostAssembly, Cancellation));
    }

    /// <summary>The way back, which an operator takes whose upgrade disappointed.</summary>
    [Fact(Explicit = true)]
    public Task Rolling_back_to_an_older_build_keeps_sessions_and_fails_no_request_that_is_repeated()
    {
        var now = new ProcessClusterOptions();
        var older = Older(now);
        return RollAsync(now, volatileSessions: 0, cluster => cluster.UseAsync(older.SiloAssembly, older.WebHostAssembly, Cancellation));
    }

    [Fact]
    public Task Rolling_restart_keeps_durable_and_volatile_sessions_and_fails_no_request_that_is_repeated_once() => RollAsync(
        new ProcessClusterOptions { Settings = new Dictionary<string, string> { ["ServerSession:DrainDelay"] = "00:00:01" } },
        volatileSessions: Sessions / 2,
        static _ => Task.CompletedTask);

    private static ProcessClusterOptions Older(ProcessClusterOptions now)
    {
        var older = Environment.GetEnvironmentVariable("UPGRADE_FROM");
        Assert.True(older is { Length: > 0 }, "UPGRADE_FROM is not set: run ./upgrade.sh.");
        var repository = Path.GetFullPath(Path.Combine(ProcessClusterOptions.DefaultDirectory, "..", ".."));
        return now with { SiloAssembly = Of(now.SiloAssembly), WebHostAssembly = Of(now.WebHostAssembly) };

        string Of(string assembly) => Path.Combine(older, Path.GetRelativePath(repository, assembly));
    }

    private static async Task RollAsync(ProcessClusterOptions options, int volatileSessions, Func<ProcessCluster, Task> beforeTheRoll)
    {
        using var folder = new TempFolder();
        using var cluster = await ProcessCluster.UpAsync(folder.Path, options, cancellationToken: Cancellation);
        try
        {
            using var frontends = new Frontends(cluster.Frontends, ChaosTests.LongestRequest);
            IReadOnlyList<string> tokens = [];
            if (volatileSessions > 0)
            {
                tokens = await VolatileSessions.CreateAsync(cluster, volatileSessions, "name", "kept", Cancellation);
                Assert.Equal(0, await StoredSessions.CountAsync(cluster));
            }

            List<string> cookies = [.. await Task.WhenAll(Enumerable.Range(volatileSessions, Sessions - volatileSessions).Select(_ => KnownAnswer.CookieOfNewAsync(frontends, "name", "kept")))];
            Assert.InRange(await StoredSessions.CountAsync(cluster), cookies.Count, long.MaxValue);
            cookies.AddRange(tokens.Select(token => cookies[0][..(cookies[0].IndexOf('=') + 1)] + token).ToArray());

            using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var isFrontendLeaving = false;
            var client = new RepeatingClient(() => Volatile.Read(ref isFrontendLeaving), static time => Task.Delay(time, Cancellation), static () => Stalls.Total);

            // A session has one worker, so what it wrote last is what the session has to hold.
            var written = new string?[Sessions];
            var load = Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(worker))));

            await beforeTheRoll(cluster);
            IDisposable? end = null;
            await cluster.RollAsync(
                step =>
                {
                    var stopping = cluster.Members.SingleOrDefault(member => member.Role == MemberRole.WebHost && step == $"stopping {member.Title}");
                    Volatile.Write(ref isFrontendLeaving, stopping is not null);
                    if (stopping is not null)
                    {
                        end?.Dispose();
                        end = frontends.Ends(stopping.Http);
                    }
                },
                Cancellation);
            end?.Dispose();
            await over.CancelAsync();
            await load;

            Console.WriteLine($"roll: {client.Report}; slowest {frontends.Slowest.TotalSeconds:0.0} s");
            Assert.True(client.Failures.Count == 0, $"{client.Failures.Count} failed of {client.Report}: {string.Join(Environment.NewLine, client.Failures.Take(10))}");
            Assert.True(client.Requests > Sessions, "The load did too little to show anything.");
            Assert.Empty(frontends.Faults);
            for (var session = 0; session < Sessions; session++)
            {
                Assert.Equal((HttpStatusCode.OK, "kept"), await ReadAsync(cookies[session], "name"));
                if (written[session] is { } value)
                {
                    Assert.Equal((HttpStatusCode.OK, value), await ReadAsync(cookies[session], "turn"));
                }
            }

            async Task WorkAsync(int worker)
            {
                for (var turn = worker; !over.IsCancellationRequested; turn += Workers)
                {
                    var cookie = cookies[turn % Sessions];
                    var value = $"{turn}";
                    await Task.Delay(BetweenRequests, Cancellation);
                    if (turn / Sessions % 2 == 0)
                    {
                        await client.SendAsync(() => frontends.ReadAsync(cookie, "name"), static answer => answer is { Status: HttpStatusCode.OK, Text: "kept" });
                    }
                    else if (await client.SendAsync(() => frontends.WriteAsync(cookie, "turn", value), static answer => answer.Status is HttpStatusCode.NoContent or HttpStatusCode.OK))
                    {
                        written[turn % Sessions] = value;
                    }
                }
            }

            async Task<(HttpStatusCode?, string)> ReadAsync(string cookie, string key)
            {
                var answer = await KnownAnswer.OfAsync(() => frontends.ReadAsync(cookie, key));
                return (answer.Status, answer.Text);
            }
        }
        catch
        {
            await PrintLogsAsync(cluster);
            throw;
        }
        finally
        {
            await cluster.DownAsync(CancellationToken.None);
        }
    }

    /// <summary>The folder goes with the test, so what a member said before it ended has to be told here.</summary>
    private static async Task PrintLogsAsync(ProcessCluster cluster)
    {
        foreach (var member in cluster.Members)
        {
            Queue<string> last = [];
            await foreach (var line in cluster.ReadLogAsync(member.Name, CancellationToken.None))
            {
                last.Enqueue(line);
                if (last.Count > LogLines)
                {
                    last.Dequeue();
                }
            }

            Console.WriteLine($"{member.Title}, the last {last.Count} lines:{Environment.NewLine}{string.Join(Environment.NewLine, last)}");
        }
    }
}
