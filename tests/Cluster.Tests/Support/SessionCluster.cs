using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.Core.Internal;
using Orleans.TestingHost;
using ServerSession.Tests.Storage;

namespace ServerSession.Tests.Support;

/// <summary>An in-process cluster of real silos over one strict store, with a session clock that only the test moves.</summary>
public sealed class SessionCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private readonly PatientTime _messages;
    private readonly long _began;

    private SessionCluster(InProcessTestCluster cluster, PatientTime messages, SharedMemoryStore store, FakeTimeProvider clock, RecordingEvents events, long began)
    {
        _began = began;
        _cluster = cluster;
        _messages = messages;
        Store = store;
        Clock = clock;
        Events = events;
    }

    public SharedMemoryStore Store { get; }

    public FakeTimeProvider Clock { get; }

    public RecordingEvents Events { get; }

    public IReadOnlyList<InProcessSiloHandle> Silos => _cluster.Silos;

    public InProcessTestCluster Inner => _cluster;

    /// <summary>
    /// The calls that arrived at the store, but for those by which every silo asks at its start and once a minute whether all sessions were ended. Whoever asks more often
    /// is counted.
    /// </summary>
    public StorageCounts StorageCalls
    {
        get
        {
            var epoch = _cluster.Client.GetGrain<IClusterSessionsGrain>(0).GetGrainId();
            StorageCounts looks, all;
            do
            {
                looks = Store.CountsOf(epoch);
                all = Store.Total;
            }
            while (looks != Store.CountsOf(epoch));

            var minutes = (int)TimeProvider.System.GetElapsedTime(_began).TotalMinutes;
            return all with { Reads = all.Reads - Math.Min(looks.Reads, (minutes + 1) * _cluster.Silos.Count) };
        }
    }

    internal SiloFence Fence(int silo) => Silos[silo].ServiceProvider.GetRequiredService<SiloFence>();

    public FaultyMembershipTable Membership(int silo) => Silos[silo].ServiceProvider.GetRequiredService<FaultyMembershipTable>();

    /// <summary>Starts a cluster.</summary>
    /// <param name="silos">How many silos it has.</param>
    /// <param name="configure">Sets the grain's options.</param>
    /// <param name="silo">Sets up each silo.</param>
    /// <param name="sharing">A cluster that knows nothing of this one and has the same store and the same clock.</param>
    /// <param name="client">Sets up the host of the cluster's client.</param>
    public static async Task<SessionCluster> StartAsync(
        short silos = 1, Action<SessionGrainOptions>? configure = null, Action<ISiloBuilder>? silo = null, SessionCluster? sharing = null,
        Action<IHostApplicationBuilder>? client = null)
    {
        var store = sharing?.Store ?? new SharedMemoryStore();
        var clock = sharing?.Clock ?? new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var events = new RecordingEvents();
        var messages = new PatientTime();
        var began = TimeProvider.System.GetTimestamp();
        var builder = new InProcessTestClusterBuilder(silos);
#pragma warning disable ORLEANSEXP003 // The directory that sessions run on in production.
        builder.Options.UseDistributedGrainDirectory = true;
#pragma warning restore ORLEANSEXP003
        builder.ConfigureSilo((_, siloBuilder) =>
        {
            siloBuilder.AddSharedMemoryGrainStorage(SessionGrainOptions.StorageName, store);
            siloBuilder.Services.AddSingleton(new SharedClock(clock));
            siloBuilder.Services.AddSingleton(new SessionClock(clock));
            siloBuilder.Services.AddSingleton<ISessionEventHandler>(events);
            siloBuilder.AddServerSession(options =>
            {
                // The tests of the clean-up sweep when they want to; the others count calls.
                options.Expiry.Enabled = false;
                configure?.Invoke(options);
            });

            // On a busy machine a test's silo may stand still for longer than a production silo may.
            siloBuilder.Configure<ClusterMembershipOptions>(static options =>
            {
                options.MinProbeTimeout = TimeSpan.FromSeconds(1);
                options.ProbeTimeout = TimeSpan.FromSeconds(2);
                options.MaxProbeTimeout = TimeSpan.FromSeconds(8);
            });
            siloBuilder.Configure<SiloMessagingOptions>(static options => options.ResponseTimeout = TimeSpan.FromSeconds(10));
            messages.Configure<SiloMessagingOptions>(siloBuilder.Services);
            silo?.Invoke(siloBuilder);
            siloBuilder.Services.AddSingleton(static services => new FaultyMembershipTable(
                services.GetServices<IMembershipTable>().First()));
            siloBuilder.Services.AddSingleton(static services => new SiloFence(
                services.GetRequiredService<FaultyMembershipTable>(),
                services.GetRequiredService<ILocalSiloDetails>(),
                WithPatience(services.GetRequiredService<SessionClock>()),
                services.GetRequiredService<Microsoft.Extensions.Options.IOptions<SessionGrainOptions>>(),
                services.GetRequiredService<Microsoft.Extensions.Options.IOptions<ClusterMembershipOptions>>(),
                services.GetRequiredService<ILogger<SiloFence>>()));
        });
        builder.ConfigureClientHost(host =>
        {
            messages.Configure<ClientMessagingOptions>(host.Services);
            client?.Invoke(host);
        });
        builder.ConfigureHost(static host => host.Logging.SetMinimumLevel(LogLevel.Warning));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new SessionCluster(cluster, messages, store, clock, events, began);
    }

    /// <summary>A session that is not created yet.</summary>
    public SessionDriver NewSession(SessionTerms? terms = null) => new(this, SessionId.New(), terms ?? SessionTerms.Default);

    /// <summary>A created session.</summary>
    public async Task<SessionDriver> CreateAsync(SessionTerms? terms = null, params SessionChange[] changes)
    {
        var session = NewSession(terms);
        var reply = await session.CreateAsync(changes);
        Assert.Equal(SessionOutcome.Created, reply.Outcome);
        return session;
    }

    public ISessionGrain Grain(SessionId id) => _cluster.Client.GetGrain<ISessionGrain>(id.ToGrainKey());

    /// <summary>The silo that holds the session's activation; null where none does.</summary>
    public async Task<InProcessSiloHandle?> OwnerAsync(SessionId id) => await OwnersAsync(id) is [{ } owner, ..] ? owner : null;

    /// <summary>
    /// The silos that hold activations of the session: while it moves the one that it leaves as well. The silos are asked, because the grain
    /// directory answers from a cache, which may show an activation that is gone.
    /// </summary>
    public async Task<IReadOnlyList<InProcessSiloHandle>> OwnersAsync(SessionId id)
    {
        var silos = _cluster.Silos.ToDictionary(static silo => silo.SiloAddress);
        var grain = Grain(id).GetGrainId();
        var grains = await _cluster.Client.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics(null, [.. silos.Keys]);
        return [.. grains.Where(found => found.GrainId == grain).Select(found => silos[found.SiloAddress])];
    }

    /// <summary>Deactivates the session's activation and waits until it is gone.</summary>
    public async Task DeactivateAsync(SessionId id)
    {
        await Grain(id).Cast<IGrainManagementExtension>().DeactivateOnIdle();
        await UntilAsync(async () => await OwnerAsync(id) is null, "the activation is gone");
    }

    /// <summary>Writes the session's row behind the back of its activation, as a second activation would.</summary>
    public async Task OverwriteAsync(GrainId grainId, SessionChange change)
    {
        var storage = new SharedMemoryGrainStorage(Store, RawBytesSerializer.Instance);
        var row = new BytesState();
        await storage.ReadStateAsync("session", grainId, row);
        var record = SessionRecordCodec.Decode(row.State.Bytes);
        var snapshot = record.State!.Snapshot;
        var data = SessionDataEditor.Apply(snapshot.Data, [change], SessionLimits.Default).Data;
        var next = record.State with { Snapshot = new SessionSnapshot(snapshot.Version + 1, snapshot.CreatedAt, snapshot.Terms, data) };
        row.State.Bytes = SessionRecordCodec.Encode(next, record.LastAccess);
        await storage.WriteStateAsync("session", grainId, row);
    }

    /// <summary>Replaces the stored bytes of a session.</summary>
    public void WriteRaw(GrainId grainId, byte[] bytes)
    {
        var storage = new SharedMemoryGrainStorage(Store, RawBytesSerializer.Instance);
        var row = new BytesState();
        storage.ReadStateAsync("session", grainId, row).GetAwaiter().GetResult();
        row.State = new StoredBytes { Bytes = bytes };
        storage.WriteStateAsync("session", grainId, row).GetAwaiter().GetResult();
    }

    /// <summary>Ends a silo without a word, as the death of its process does. Calls to it time out as in production from here on.</summary>
    public async Task KillAsync(InProcessSiloHandle silo)
    {
        _messages.Hurry();
        await _cluster.KillSiloAsync(silo);
    }

    /// <summary>Stops a silo as planned. Calls that it does not answer any more time out as in production from here on.</summary>
    public async Task StopAsync(InProcessSiloHandle silo)
    {
        _messages.Hurry();
        await _cluster.StopSiloAsync(silo);
    }

    /// <summary>Waits for a state that comes by itself; the time-out only ends a test that has failed.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(90), $"It did not happen that {what}.");
            await Task.Delay(20);
        }
    }

    /// <summary>A fence that gets old by itself refuses what no test means to refuse; a test that does brings a monotonic clock that it moves.</summary>
    private static SessionClock WithPatience(SessionClock clock) =>
        clock.Monotonic is FakeTimeProvider ? clock : clock with { Monotonic = new PatientTime() };

    /// <summary>The session clock of all silos, for those that build a <see cref="SessionClock"/> of their own.</summary>
    public sealed record SharedClock(TimeProvider Time);

    public async ValueTask DisposeAsync()
    {
        Store.BeforeAsync = null;
        Store.AfterAsync = null;
        await _cluster.DisposeAsync();
    }
}
