using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Stores;

/// <summary>The suite of session stores on the grains of one silo.</summary>
/// <param name="silo">The silo that the sessions of this class live in.</param>
/// <param name="isLocal">Whether the store is in the process of the silo, and commits there without a call; else every operation is a message.</param>
public abstract class GrainStoreConformance(GrainStoreConformance.Silo silo, bool isLocal) : SessionStoreSuite, IClassFixture<GrainStoreConformance.Silo>
{
    private ServiceProvider? _frontend;

    protected override TimeProvider Time => silo.Cluster.Clock;

    protected override TimeSpan OperationWindow => new SessionGrainOptions().OperationWindow;

    protected override TimeSpan RotationGrace => new SessionGrainOptions().RotationGrace;

    protected override ValueTask<IServerSessionStore> OpenAsync()
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(silo.Cluster.Clock);
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        if (isLocal)
        {
            var provider = silo.Cluster.Silos[0].ServiceProvider;
            services.AddSingleton(provider.GetRequiredService<IGrainFactory>());
            services.AddSingleton(provider.GetRequiredService<ILocalSessions>());
        }
        else
        {
            services.AddSingleton<IGrainFactory>(silo.Cluster.Inner.Client);
        }

        services.AddLogging().AddServerSession();
        _frontend = services.BuildServiceProvider();
        return new(_frontend.GetRequiredService<IServerSessionStore>());
    }

    protected override ValueTask AdvanceAsync(TimeSpan time)
    {
        silo.Cluster.Clock.Advance(time);
        return ValueTask.CompletedTask;
    }

    protected override ValueTask CloseAsync() => _frontend?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>A cluster of one silo, whose clock only the tests of one class move.</summary>
    public sealed class Silo : IAsyncLifetime
    {
        private SessionCluster? _cluster;

        public SessionCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster is not started.");

        public async ValueTask InitializeAsync() => _cluster = await SessionCluster.StartAsync();

        public ValueTask DisposeAsync() => Cluster.DisposeAsync();
    }
}

/// <summary>The store of a frontend in the process of a silo.</summary>
public sealed class LocalGrainStoreTests(GrainStoreConformance.Silo silo) : GrainStoreConformance(silo, isLocal: true);

/// <summary>The store of a frontend that is an Orleans client: every operation goes over the wire.</summary>
public sealed class RemoteGrainStoreTests(GrainStoreConformance.Silo silo) : GrainStoreConformance(silo, isLocal: false);
