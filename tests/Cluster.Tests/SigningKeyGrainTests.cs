using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>The key ring a cluster makes for itself.</summary>
public class SigningKeyGrainTests
{
    [Fact]
    public async Task Get_for_the_first_time_makes_one_key_that_every_silo_and_a_fresh_activation_then_give()
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var grain = cluster.Inner.Client.GetGrain<ISigningKeyGrain>(0);

        var rings = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ => await grain.GetAsync()));

        var id = Assert.Single(rings[0].Keys).Id;
        Assert.All(rings, ring => Assert.Equal(id, Assert.Single(ring.Keys).Id));
        await grain.Cast<Orleans.Core.Internal.IGrainManagementExtension>().DeactivateOnIdle();
        Assert.Equal(id, Assert.Single((await grain.GetAsync()).Keys).Id);
        Assert.Single(cluster.Store.RowsOf("shield-keys"));
    }

    [Fact]
    public async Task Get_when_the_rotation_is_due_adds_a_key_that_signs_only_after_every_frontend_had_time_to_learn_it()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var grain = cluster.Inner.Client.GetGrain<ISigningKeyGrain>(0);
        var first = (await grain.GetAsync()).Keys[0];

        cluster.Clock.Advance(TimeSpan.FromDays(31));
        var ring = await grain.GetAsync();

        Assert.Equal(2, ring.Keys.Count);
        Assert.Equal(first.Id, ring.SigningKey(cluster.Clock.GetUtcNow()).Id);
        cluster.Clock.Advance(SigningKeyRotation.LearnTime);
        Assert.NotEqual(first.Id, ring.SigningKey(cluster.Clock.GetUtcNow()).Id);
        Assert.NotNull(ring.Find(first.Id, cluster.Clock.GetUtcNow() + SessionTerms.MaximumTime - TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task Get_when_the_store_fails_is_unavailable_and_no_unstored_key_is_given()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var grain = cluster.Inner.Client.GetGrain<ISigningKeyGrain>(0);
        cluster.Store.BeforeAsync = static operation =>
            operation.Kind == Storage.StorageOperationKind.Write ? throw new IOException("no room") : ValueTask.CompletedTask;

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await grain.GetAsync());

        Assert.Empty(cluster.Store.RowsOf("shield-keys"));
    }
}
