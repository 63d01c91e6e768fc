using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Metadata;
using Orleans.Placement;
using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>Memory follows the active users: idle activations are collected, absent ones at once, volatile ones only at their deadline.</summary>
public class ActivationLifeTests
{
    [Fact]
    public async Task Open_of_a_session_that_is_not_there_leaves_no_activation()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = cluster.NewSession();

        Assert.Equal(SessionOutcome.Gone, (await session.OpenAsync()).Outcome);

        await SessionCluster.UntilAsync(async () => await cluster.OwnerAsync(session.Id) is null, "the activation is gone");
    }

    [Fact]
    public async Task Collection_takes_idle_stored_sessions_and_keeps_volatile_ones()
    {
        await using var cluster = await SessionCluster.StartAsync(1, static options => options.CollectionAge = TimeSpan.FromSeconds(2), static silo =>
            silo.Configure<GrainCollectionOptions>(static options => options.CollectionQuantum = TimeSpan.FromSeconds(1)));
        var stored = await cluster.CreateAsync(null, SessionDriver.Set("n", "1"));
        var inMemory = await cluster.CreateAsync(new SessionTerms { Durability = SessionDurability.Volatile }, SessionDriver.Set("n", "2"));

        await SessionCluster.UntilAsync(async () => await cluster.OwnerAsync(stored.Id) is null, "the idle activation is collected");

        Assert.NotNull(await cluster.OwnerAsync(inMemory.Id));
        Assert.Equal("1", await stored.ReadAsync("n"));
        Assert.Equal("2", await inMemory.ReadAsync("n"));
    }

    [Fact]
    public async Task Create_inserts_without_reading_and_open_and_commit_read_nothing_more()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(null, SessionDriver.Set("n", "1"));
        await session.OpenAsync();
        await session.SetAsync("n", "2");
        await session.OpenAsync();

        Assert.Equal(new Storage.StorageCounts(Reads: 0, Writes: 2, Clears: 0), cluster.Store.CountsOf(session.GrainId));
    }

    /// <summary>A volatile session was lost when it was moved, under load, back to a silo that it had been on before.</summary>
    [Fact]
    public async Task Sessions_are_not_moved_by_the_balancing_of_Orleans()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var manifest = cluster.Silos[0].ServiceProvider.GetRequiredService<IClusterManifestProvider>().LocalGrainManifest;

        var properties = manifest.Grains[cluster.NewSession().GrainId.Type].Properties;

        Assert.Equal($"{(int)ImmovableKind.Any}", properties[WellKnownGrainTypeProperties.Immovable]);
    }
}
