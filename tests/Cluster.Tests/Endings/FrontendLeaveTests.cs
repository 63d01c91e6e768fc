using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerSession.Tests.Support;
using ServerSession.Tests.Web;

namespace ServerSession.Tests.Endings;

/// <summary>A frontend whose Orleans client stops while the silos send it messages.</summary>
public class FrontendLeaveTests
{
    /// <summary>Half of what a frontend that stops waits for its links.</summary>
    private static readonly TimeSpan LongStall = TimeSpan.FromSeconds(1);

    /// <summary>A message that came after the client had been disposed of once ended in an exception that nobody handled.</summary>
    [Fact]
    public async Task Stop_of_a_frontend_that_hears_of_changes_all_the_time_closes_the_links_of_every_silo()
    {
        var log = new LogCollector();
        var silos = new LogCollector();
        await using var cluster = await SessionCluster.StartAsync(
            2,
            silo: silo =>
            {
                SystemTime.Use(silo);

                // The frontend's refusal closes a link sooner. On a machine that stands still for longer than the frontend waits for that, a link ends by this time.
                silo.Services.AddSingleton(new WatchLimits { SignOfLife = TimeSpan.FromMilliseconds(50), GiveUpAfter = TimeSpan.FromSeconds(20) });
                silo.ConfigureLogging(logging => logging.AddProvider(silos).AddFilter<LogCollector>(typeof(SessionWatchers).FullName, LogLevel.Information));
            },
            client: host =>
            {
                host.Services.AddServerSession(static options => options.Header = WebFrontend.TokenHeader);
                host.Logging.AddProvider(log);
            });
        await using var one = await WebFrontend.StartAsync(cluster, silo: cluster.Silos[0].ServiceProvider);
        await using var other = await WebFrontend.StartAsync(cluster, silo: cluster.Silos[1].ServiceProvider);
        List<string> cookies = [];
        await SessionCluster.UntilAsync(
            async () =>
            {
                cookies.Add((await (cookies.Count % 2 == 0 ? one : other).SendAsync("PUT", "/write/q")).Cookie!);
                await ReadNearAsync(cluster.Inner.Client.ServiceProvider, cookies[^1]);
                return cluster.Silos.All(static silo => WatchTests.Watchers(silo).Frontends > 0);
            },
            "every silo has a session that the frontend reads");
        using var over = new CancellationTokenSource();
        var changes = Task.WhenAll(cookies.TakeLast(8).Select(async cookie =>
        {
            while (!over.IsCancellationRequested)
            {
                Assert.Equal(HttpStatusCode.OK, (await other.SendAsync("POST", "/increment", cookie)).Status);
            }
        }));
        var stalls = Stalls.Total;
        await cluster.Inner.StopClusterClientAsync();
        var isStalled = await Stalls.WithoutAsync(TimeSpan.Zero, stalls) < -LongStall;
        await SessionCluster.UntilAsync(
            () => Task.FromResult(cluster.Silos.All(static silo => WatchTests.Watchers(silo).Frontends == 0)), "no silo sends messages to the frontend");
        await over.CancelAsync();
        await changes;

        if (silos.Lines.Any(static line => line.Contains("FrontendLost", StringComparison.Ordinal)))
        {
            Assert.True(isStalled, "A link was given up.");
            Console.WriteLine("excused because the machine stood still while the frontend left: a link was given up");
        }

        Assert.DoesNotContain(log.Lines, static line => line.Contains(nameof(ObjectDisposedException), StringComparison.Ordinal));
    }

    /// <summary>A request of the frontend to an endpoint whose session may be a second old, which has the session's silo tell it of changes.</summary>
    private static async Task ReadNearAsync(IServiceProvider services, string cookie)
    {
        var application = new ApplicationBuilder(services);
        application.UseServerSession();
        application.Run(static async context => Assert.True(await context.GetServerSession().ExistsAsync()));
        await using var scope = services.CreateAsyncScope();
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        context.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(new SessionMaxStalenessAttribute(1)), "near"));
        context.Request.Headers[WebFrontend.TokenHeader] = cookie;
        await application.Build()(context);
    }
}
