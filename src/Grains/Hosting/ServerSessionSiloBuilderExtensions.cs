using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Storage;
using ServerSession;
using ServerSession.Core;
using ServerSession.Grains;

namespace Orleans.Hosting;

/// <summary>Adds sessions to a silo.</summary>
public static class ServerSessionSiloBuilderExtensions
{
    /// <summary>
    /// Orleans caches where grains are, and keeps an entry until it is evicted or, at the latest, eight minutes after its last use, also when the grain has
    /// ended long before. Its default limit of a million entries would hold hundreds of megabytes for sessions that are gone; this limit takes a tenth, and
    /// still holds every session that 400 new visitors a second use within four minutes. Beyond it a request asks the directory.
    /// </summary>
    internal const int DirectoryCacheSize = 100_000;

    /// <summary>
    /// How much worse, in hundredths of Orleans' score of a silo, the silo that a session's first call arrives at may stand than another one and still take the
    /// session. A session that is where its frontend's calls arrive costs no message between silos. With Orleans' own 5, ordinary differences of load send sessions
    /// elsewhere; with this one, 50 points of processor use do, or a silo that has just joined: processor use counts 40 of 100, memory 45, activations 15.
    /// </summary>
    internal const int LocalSiloPreference = 20;

    /// <summary>
    /// Lets this silo own sessions. The silo also needs a grain storage named <c>sessions</c>
    /// (<see cref="SessionGrainOptions.StorageName"/>); it is tried at start. Calling it again only adds the configuration.
    /// </summary>
    /// <remarks>
    /// It also chooses Orleans' strongly consistent grain directory, a failure detection within seconds and an early collection of idle
    /// sessions; configure <see cref="ClusterMembershipOptions"/> and <see cref="GrainCollectionOptions"/> afterwards to choose otherwise. And it
    /// lowers <see cref="GrainDirectoryOptions.CacheSize"/> to 100,000 entries and raises <see cref="ResourceOptimizedPlacementOptions.LocalSiloPreferenceMargin"/> to 20,
    /// unless they are configured, before or afterwards.
    /// </remarks>
    /// <param name="builder">The silo.</param>
    /// <param name="configure">Changes the options. It wins over the configuration section <c>ServerSession</c>, and over calls before it.</param>
    public static IServerSessionSiloBuilder AddServerSession(this ISiloBuilder builder, Action<SessionGrainOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (configure is not null)
        {
            services.Configure(configure);
        }

        if (services.Any(static service => service.ServiceType == typeof(SessionGrainServices)))
        {
            return new ServerSessionSiloBuilder(builder);
        }

        // First of all configurations, so that code wins, wherever it stands.
        var configuration = builder.Configuration;
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<SessionGrainOptions>>(
            provider => new SessionGrainConfiguration(configuration, provider.GetServices<IFrontendLimits>())));
        services.AddTransient<IConfigurationValidator, SessionGrainOptionsValidator>();
        AddSessionServices(services);
        builder.AddGrainService<EpochService>();
        TuneOrleans(builder);
        return new ServerSessionSiloBuilder(builder);
    }

    private static void AddSessionServices(IServiceCollection services)
    {
        services.TryAddSingleton(new SessionClock(TimeProvider.System));
        services.AddMetrics();
        services.AddSingleton<SessionMetrics>();
        services.AddSingleton<ISessionObserver>(static provider => provider.GetRequiredService<SessionMetrics>());
        services.AddSingleton<LocalSessions>();
        services.AddSingleton<ILocalSessions>(static provider => provider.GetRequiredService<LocalSessions>());
        services.AddSingleton<SessionGrainServices>();
        services.AddSingleton(static provider => new SessionStorage(
            provider.GetKeyedService<IGrainStorage>(SessionGrainOptions.StorageName) ?? throw NoStorage(),
            provider.GetRequiredService<SessionClock>(),
            provider.GetRequiredService<IOptions<SessionGrainOptions>>(),
            provider.GetRequiredService<SessionMetrics>(),
            provider.GetRequiredService<StateNames>(),
            provider.GetRequiredService<ILogger<SessionStorage>>()));
        services.AddSingleton(static provider => new StateNames(
            provider.GetKeyedService<IGrainStorage>(SessionGrainOptions.StorageName)?.GetType().FullName ?? "",
            provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ServiceId));
        services.AddSingleton(typeof(IPostConfigureOptions<>), typeof(SessionStorageSetup<>));
        services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>, ExpectedConflicts>();
        services.AddKeyedSingleton<IGrainStorageSerializer>(
            SessionGrainOptions.StorageName,
            static (provider, _) => new StoredPayloadSerializer(provider.GetRequiredService<IGrainStorageSerializer>()));
        services.AddSingleton<VolatileHandover>();
        services.AddSingleton<ClusterEpoch>();
        services.AddSingleton<EpochRow>();
        services.AddSingleton<EpochServiceClient>();
        services.AddSingleton<EpochAnnouncement>();
        services.TryAddSingleton(SubjectSizes.Default);
        services.AddSingleton<SubjectBinder>();
        services.AddSingleton<SubjectServices>();
        AddExpiry(services);
        AddParticipant<SiloFence>(services);
        services.AddSingleton<ISiloFence>(static provider => provider.GetRequiredService<SiloFence>());
        AddParticipant<EpochReader>(services);
        AddParticipant<SessionEvents>(services);
        services.AddSingleton<ISessionObserver>(static provider => provider.GetRequiredService<SessionEvents>());
        services.TryAddSingleton(new WatchLimits());
        services.AddSingleton<WatchMetrics>();
        AddParticipant<SessionWatchers>(services);
        services.AddSingleton<ISessionObserver>(static provider => provider.GetRequiredService<SessionWatchers>());
        services.AddSingleton<SessionObservers>();
        AddParticipant<ExpiryWheel>(services);
        AddParticipant<StorageProbeStartup>(services);
    }

    private static void AddExpiry(IServiceCollection services)
    {
        services.TryAddSingleton(ExpirySizes.Default);
        services.AddSingleton<SweepPace>();
        services.AddSingleton<ExpiryMetrics>();
        services.AddSingleton<IExpiryRegistration, ExpiryRegistration>();
        services.AddSingleton<ExpiryServices>();
        services.AddSingleton(static provider => new ExpiryBackfill(
            provider.GetKeyedService<Func<string, CancellationToken, IAsyncEnumerable<GrainId>>>(SessionGrainOptions.StorageName),
            provider.GetRequiredService<SessionStorage>(),
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<SweepPace>()));
        AddParticipant<ExpiryDriver>(services);
    }

    private static void TuneOrleans(ISiloBuilder builder)
    {
#pragma warning disable ORLEANSEXP003 // The strongly consistent grain directory: single activation is what reads rest on.
        builder.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        builder.Configure<ClusterMembershipOptions>(FailureDetection.Configure);
        builder.Services.AddOptions<GrainDirectoryOptions>().PostConfigure<IOptions<SessionGrainOptions>, IOptions<ClusterMembershipOptions>>(
            static (directory, options, membership) => FailureDetection.ConfigureDirectory(directory, options.Value, membership.Value));

        // First of all configurations, so that it is a default: a size that the application sets, earlier in the code or later, overrides it.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<GrainDirectoryOptions>>(
            new ConfigureOptions<GrainDirectoryOptions>(static options => options.CacheSize = DirectoryCacheSize)));
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<ResourceOptimizedPlacementOptions>>(
            new ConfigureOptions<ResourceOptimizedPlacementOptions>(static options => options.LocalSiloPreferenceMargin = LocalSiloPreference)));
        builder.Services.AddOptions<GrainCollectionOptions>().PostConfigure<IOptions<SessionGrainOptions>>(static (collection, options) =>
        {
            // A wrong age is left to our own validator, whose message names our key.
            if (options.Value.CollectionAge > collection.CollectionQuantum)
            {
                collection.ClassSpecificCollectionAge[typeof(SessionGrain).FullName!] = options.Value.CollectionAge;
                collection.ClassSpecificCollectionAge[typeof(SubjectGrain).FullName!] = options.Value.CollectionAge;
            }
        });
    }

    private static void AddParticipant<T>(IServiceCollection services)
        where T : class, ILifecycleParticipant<ISiloLifecycle>
    {
        services.AddSingleton<T>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider => provider.GetRequiredService<T>());
    }

    private static OrleansConfigurationException NoStorage() => new(SessionStorageCheck.None);
}
