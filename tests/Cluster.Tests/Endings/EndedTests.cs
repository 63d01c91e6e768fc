using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ServerSession.Tests.Support;
using ServerSession.Tests.Web;

namespace ServerSession.Tests.Endings;

/// <summary><see cref="IServerSession.Ended"/> on frontends that have nothing to do with the end.</summary>
public class EndedTests
{
    [Fact]
    public async Task Destroy_by_another_frontend_fires_ended_on_clients_and_in_every_silo_without_asking()
    {
        var counter = new RequestCostTests.CallCounter();
        await using var cluster = await SessionCluster.StartAsync(3, null, silo => { SystemTime.Use(silo); silo.AddIncomingGrainCallFilter(counter); });
        await using var client = await StartAsync(null);
        await using var other = await StartAsync(null);
        var frontends = new List<WebFrontend> { client };
        foreach (var silo in cluster.Silos)
        {
            frontends.Add(await StartAsync(silo.ServiceProvider));
        }

        var cookie = (await other.SendAsync("PUT", "/write/q")).Cookie!;
        var waits = await Task.WhenAll(frontends.Select(frontend => Wait.StartAsync(frontend, cookie)));
        await SessionCluster.UntilAsync(() => Task.FromResult(cluster.Silos.Sum(static silo => WatchTests.Watchers(silo).Count) == frontends.Count), "every frontend is registered");
        var calls = counter.Calls;
        await other.SendAsync("POST", "/destroy", cookie);

        foreach (var wait in waits)
        {
            Assert.Equal("ended", await wait.EndAsync());
        }

        // The destroy and nothing else: nobody had to ask.
        Assert.Equal(1, counter.Calls - calls);
        Assert.All(cluster.Silos, static silo => Assert.Equal(0, WatchTests.Watchers(silo).Count));
        foreach (var frontend in frontends)
        {
            await frontend.DisposeAsync();
        }

        // No silo falls silent, however long the machine stands still, so that nobody asks for that.
        Task<WebFrontend> StartAsync(IServiceProvider? silo) => WebFrontend.StartAsync(
            cluster, silo: silo, services: static services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(new SteadyAges())));
    }

    [Fact]
    public async Task End_of_all_sessions_of_the_cluster_fires_ended_though_no_session_is_asked_for()
    {
        await using var cluster = await SessionCluster.StartAsync(2, null, SystemTime.Use);
        await using var one = await WebFrontend.StartAsync(cluster);
        await using var other = await WebFrontend.StartAsync(
            cluster, routes: static app => app.MapPost("/end-all", (ISessionAdministration administration) => administration.EndAllAsync()));
        var wait = await Wait.StartAsync(one, (await other.SendAsync("PUT", "/write/q")).Cookie!);
        await SessionCluster.UntilAsync(() => Task.FromResult(cluster.Silos.Sum(static silo => WatchTests.Watchers(silo).Count) == 1), "the frontend is registered");

        await other.SendAsync("POST", "/end-all");

        Assert.Equal("ended", await wait.EndAsync());
    }

    [Fact]
    public async Task Destroy_with_every_message_of_the_silos_lost_fires_ended_by_asking_again()
    {
        var loss = new LostMessages();
        await using var cluster = await SessionCluster.StartAsync(2, null, silo => { SystemTime.Use(silo); silo.AddOutgoingGrainCallFilter(loss); });
        await using var one = await WebFrontend.StartAsync(cluster);
        await using var other = await WebFrontend.StartAsync(cluster);
        var cookie = (await other.SendAsync("PUT", "/write/q")).Cookie!;
        var wait = await Wait.StartAsync(one, cookie);
        await SessionCluster.UntilAsync(() => Task.FromResult(cluster.Silos.Sum(static silo => WatchTests.Watchers(silo).Count) == 1), "the frontend is registered");
        loss.Active = true;

        await other.SendAsync("POST", "/destroy", cookie);

        Assert.Equal("ended", await wait.EndAsync());
        Assert.True(loss.Lost > 0, "No message was lost.");
    }

    /// <summary>The answers of the silo once counted as its heartbeats: a busy frontend asked again after a minute only.</summary>
    [Fact]
    public async Task Destroy_with_every_message_of_the_silos_lost_fires_ended_on_a_frontend_that_the_silos_answer_all_the_time()
    {
        var loss = new LostMessages();
        await using var cluster = await SessionCluster.StartAsync(1, null, silo => { SystemTime.Use(silo); silo.AddOutgoingGrainCallFilter(loss); });
        await using var one = await WebFrontend.StartAsync(cluster, routes: static app => app.MapGet(
            "/near", static async (IServerSession session) => await session.GetAsync<string>("quote")).WithSessionMaxStaleness(TimeSpan.FromMilliseconds(1)));
        await using var other = await WebFrontend.StartAsync(cluster);
        var busy = (await other.SendAsync("PUT", "/write/q")).Cookie!;
        var cookie = (await other.SendAsync("PUT", "/write/q")).Cookie!;
        var wait = await Wait.StartAsync(one, cookie);
        await SessionCluster.UntilAsync(() => Task.FromResult(WatchTests.Watchers(cluster.Silos[0]).Count == 1), "the frontend is registered");
        loss.Active = true;
        await other.SendAsync("POST", "/destroy", cookie);

        var ended = wait.EndAsync();
        while (!ended.IsCompleted)
        {
            // Each read that is older than a millisecond asks the silo.
            await one.SendAsync("GET", "/near", busy);
        }

        Assert.Equal("ended", await ended);
        Assert.True(loss.Lost > 0, "No message was lost.");
    }

    [Fact]
    public async Task Destroy_after_the_silo_of_the_session_was_killed_fires_ended()
    {
        await using var cluster = await SessionCluster.StartAsync(3, null, SystemTime.Use);
        await using var one = await WebFrontend.StartAsync(cluster);
        await using var other = await WebFrontend.StartAsync(cluster);
        var cookie = (await other.SendAsync("PUT", "/write/q")).Cookie!;
        var wait = await Wait.StartAsync(one, cookie);
        await SessionCluster.UntilAsync(() => Task.FromResult(cluster.Silos.Any(static silo => WatchTests.Watchers(silo).Count == 1)), "the frontend is registered");
        await cluster.KillAsync(cluster.Silos.Single(static silo => WatchTests.Watchers(silo).Count == 1));

        // The silence of the dead silo is what makes the frontend register elsewhere.
        await SessionCluster.UntilAsync(() => Task.FromResult(cluster.Silos.Any(static silo => WatchTests.Watchers(silo).Count == 1)), "another silo watches for the frontend");
        Assert.Equal(System.Net.HttpStatusCode.OK, (await other.SendAsync("POST", "/destroy", cookie)).Status);

        Assert.Equal("ended", await wait.EndAsync());
    }

    /// <summary>A request that waits for the end of its session.</summary>
    private sealed class Wait(HttpResponseMessage response, StreamReader reader) : IDisposable
    {
        public static async Task<Wait> StartAsync(WebFrontend frontend, string cookie)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/wait");
            request.Headers.TryAddWithoutValidation("Cookie", $"__Host-session={cookie}");
            var response = await frontend.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            Assert.Equal("waiting", await reader.ReadLineAsync());
            return new Wait(response, reader);
        }

        public async Task<string?> EndAsync() => await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(90));

        public void Dispose()
        {
            reader.Dispose();
            response.Dispose();
        }
    }

    private sealed class LostMessages : IOutgoingGrainCallFilter
    {
        private int _lost;

        public bool Active { get; set; }

        public int Lost => Volatile.Read(ref _lost);

        public Task Invoke(IOutgoingGrainCallContext context)
        {
            if (Active && context.InterfaceMethod.DeclaringType == typeof(IFrontendObserver))
            {
                Interlocked.Increment(ref _lost);
                throw new TimeoutException("The message is lost.");
            }

            return context.Invoke();
        }
    }
}
