using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Web;

/// <summary>A silo is stopped as planned while frontends write to the volatile sessions that live on it.</summary>
public class VolatileMigrationTests
{
    private const int Sessions = 60;
    private const int CommitsAfterTheStop = 5;

    // Without it sixty loops in the silos' own process leave the thread pool nothing for the silo that stops.
    private static readonly TimeSpan BetweenCommits = TimeSpan.FromMilliseconds(5);

    [Fact]
    public async Task Sessions_that_are_volatile_and_written_to_while_their_silo_stops_move_with_every_acknowledged_change()
    {
        await using var cluster = await SessionCluster.StartAsync(3, null, SystemTime.Use);
        var victim = cluster.Silos[1];
        await using var frontends = Frontends(cluster, victim);
        var writers = new List<Writer>();
        for (var index = 0; index < Sessions; index++)
        {
            writers.Add(await Writer.StartAsync(cluster, frontends.Stores[index % frontends.Stores.Count], victim));
        }

        using var stopped = new CancellationTokenSource();
        var writing = writers.Select(writer => Task.Run(() => writer.WriteAsync(stopped.Token))).ToList();
        await Task.WhenAll(writers.Select(static writer => writer.Busy)).WaitAsync(TimeSpan.FromSeconds(90));
        await cluster.StopAsync(victim);
        await stopped.CancelAsync();

        await Task.WhenAll(writing);
        Assert.All(writers, writer => Assert.Equal(default, cluster.Store.CountsOf(writer.GrainId) with { Reads = 0 }));
    }

    /// <summary>The stores of a frontend outside of all silos and of one in the process of each silo that stays.</summary>
    private static FrontendStores Frontends(SessionCluster cluster, InProcessSiloHandle victim)
    {
        var hosts = new List<ServiceProvider> { Host(cluster.Inner.Client, null) };
        foreach (var silo in cluster.Silos.Where(silo => silo != victim))
        {
            hosts.Add(Host(silo.ServiceProvider.GetRequiredService<IGrainFactory>(), silo.ServiceProvider.GetRequiredService<ILocalSessions>()));
        }

        return new FrontendStores(hosts);
    }

    private static ServiceProvider Host(IGrainFactory grains, ILocalSessions? local)
    {
        var services = new ServiceCollection();
        services.AddSingleton(grains);
        if (local is not null)
        {
            services.AddSingleton(local);
        }

        services.AddLogging().AddServerSession(static options => options.RetryBudget = WebFrontend.Budget);
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection([new("ServerSession:OperationWindow", $"{SystemTime.OperationWindow}")]).Build());
        return services.BuildServiceProvider();
    }

    private sealed class FrontendStores(IReadOnlyList<ServiceProvider> hosts) : IAsyncDisposable
    {
        public IReadOnlyList<IServerSessionStore> Stores { get; } = [.. hosts.Select(static host => host.GetRequiredService<IServerSessionStore>())];

        public async ValueTask DisposeAsync()
        {
            foreach (var host in hosts)
            {
                await host.DisposeAsync();
            }
        }
    }

    /// <summary>Counts in one session, reads what it counted, and bears nothing but what the store itself repeats.</summary>
    private sealed class Writer(IServerSessionStore store, SessionDriver session, DateTimeOffset createdAt)
    {
        private readonly VerifierHash _verifier = session.Verifier.Hash();
        private readonly TaskCompletionSource _busy = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _commits;

        public Task Busy => _busy.Task;

        public GrainId GrainId => session.GrainId;

        public static async Task<Writer> StartAsync(SessionCluster cluster, IServerSessionStore store, InProcessSiloHandle home)
        {
            var session = cluster.NewSession(new SessionTerms { Durability = SessionDurability.Volatile });
            RequestContext.Set(IPlacementDirector.PlacementHintKey, home.SiloAddress);
            var reply = await session.Grain.CreateAsync(session.CreateRequest() with { IssuedAt = TimeProvider.System.GetUtcNow() });
            RequestContext.Clear();
            Assert.Equal(SessionOutcome.Created, reply.Outcome);
            Assert.Same(home, await cluster.OwnerAsync(session.Id));
            return new Writer(store, session, reply.Snapshot!.CreatedAt);
        }

        public async Task WriteAsync(CancellationToken stopped)
        {
            while (!stopped.IsCancellationRequested)
            {
                await CommitAsync();
                _busy.TrySetResult();
                await Task.Delay(BetweenCommits, CancellationToken.None);
            }

            for (var commit = 0; commit < CommitsAfterTheStop; commit++)
            {
                await CommitAsync();
            }
        }

        private async Task CommitAsync()
        {
            var commit = session.CommitRequest(SessionChange.Increment("n")) with { IssuedAt = TimeProvider.System.GetUtcNow() };
            var reply = await store.CommitAsync(session.Id, commit, CancellationToken.None);
            Assert.Equal(SessionOutcome.Committed, reply.Outcome);
            Assert.Equal(++_commits, reply.Results![0].Number);

            var read = await store.OpenAsync(session.Id, _verifier, OpenMode.Touch, CancellationToken.None);
            Assert.Equal(SessionOutcome.Opened, read.Outcome);
            Assert.Equal(1 + _commits, read.Snapshot!.Version);
            Assert.Equal($"{_commits}", SessionDriver.Text(read, "n"));
            Assert.Equal(createdAt, read.Snapshot.CreatedAt);
        }
    }
}
