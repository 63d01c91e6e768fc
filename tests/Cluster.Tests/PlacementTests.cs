using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>A session is placed on the silo that its first call arrives at, so that the calls of its frontend need no message between silos.</summary>
public sealed class PlacementTests
{
    /// <summary>So many that the silo's share of all activations alone would send sessions elsewhere by Orleans' own margin.</summary>
    private const int Before = 60;

    private const int Sessions = 10;

    [Fact]
    public async Task Create_at_a_silo_that_has_most_sessions_places_the_session_there()
    {
        await using var cluster = await SessionCluster.StartAsync(silos: 2, silo: static silo => silo.Configure<ResourceOptimizedPlacementOptions>(static options =>
        {
            // The silos of a test share one process, so their processor and memory say nothing. What these weigh goes to what is the same for all; activations keep their share.
            options.MaxAvailableMemoryWeight += options.CpuUsageWeight + options.MemoryUsageWeight + options.AvailableMemoryWeight;
            options.CpuUsageWeight = options.MemoryUsageWeight = options.AvailableMemoryWeight = 0;
        }));
        var arrival = cluster.Silos[0];
        RequestContext.Set(IPlacementDirector.PlacementHintKey, arrival.SiloAddress);
        await CreateAsync(Before);
        RequestContext.Clear();
        await cluster.Inner.Client.GetGrain<IManagementGrain>(0).ForceRuntimeStatisticsCollection([.. cluster.Silos.Select(static silo => silo.SiloAddress)]);

        var sessions = await CreateAsync(Sessions);

        var grains = await cluster.Inner.Client.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics(null, [arrival.SiloAddress]);
        Assert.Equal(Sessions, grains.Count(grain => sessions.Contains(grain.GrainId)));

        async Task<HashSet<GrainId>> CreateAsync(int count)
        {
            var factory = arrival.ServiceProvider.GetRequiredService<IGrainFactory>();
            var created = Enumerable.Range(0, count).Select(_ => cluster.NewSession()).ToArray();
            var replies = await Task.WhenAll(created.Select(session => factory.GetGrain<ISessionGrain>(session.Id.ToGrainKey()).CreateAsync(session.CreateRequest()).AsTask()));
            Assert.All(replies, static reply => Assert.Equal(SessionOutcome.Created, reply.Outcome));
            return [.. created.Select(static session => session.GrainId)];
        }
    }

    [Fact]
    public async Task Margin_that_the_application_has_set_is_kept()
    {
        await using var cluster = await SessionCluster.StartAsync(
            silo: static silo => silo.Configure<ResourceOptimizedPlacementOptions>(static options => options.LocalSiloPreferenceMargin = 7));

        Assert.Equal(7, cluster.Silos[0].ServiceProvider.GetRequiredService<IOptions<ResourceOptimizedPlacementOptions>>().Value.LocalSiloPreferenceMargin);
    }
}
