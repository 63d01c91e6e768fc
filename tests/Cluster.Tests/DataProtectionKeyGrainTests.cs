using Orleans.Core.Internal;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>The Data Protection key ring in the cluster: two changes at once, lost replies, delayed messages, a silo that dies.</summary>
public class DataProtectionKeyGrainTests
{
    [Fact]
    public async Task Store_concurrent_from_three_silos_keeps_every_element_once()
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var grain = Grain(cluster);
        var elements = Enumerable.Range(0, 20).Select(static number => Element($"<key n=\"{number}\"/>")).ToArray();

        // Each message comes twice, as after a lost reply.
        await Task.WhenAll(elements.Concat(elements).Select(async element =>
            Assert.Equal(DataProtectionKeyOutcome.Stored, await grain.StoreAsync(element, cluster.InAMinute()))));
        await grain.Cast<IGrainManagementExtension>().DeactivateOnIdle();

        var ring = await grain.GetAsync(Guid.Empty);
        Assert.Equal(elements.Select(static element => element.Xml).Order(), ring.Elements.Select(static element => element.Xml).Order());
        Assert.Single(cluster.Store.RowsOf("data-protection-keys"));
    }

    [Fact]
    public async Task Store_when_another_activation_wrote_is_unavailable_and_merged_when_it_is_repeated()
    {
        await using var cluster = await SessionCluster.StartAsync();
        await using var other = await SessionCluster.StartAsync(sharing: cluster);
        var mine = Element("<mine/>");
        await Grain(cluster).GetAsync(Guid.Empty);
        await Grain(other).StoreAsync(Element("<theirs/>"), cluster.InAMinute());

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await Grain(cluster).StoreAsync(mine, cluster.InAMinute()));
        var outcome = await SessionDriver.RetryAsync(() => Grain(cluster).StoreAsync(mine, cluster.InAMinute()));

        Assert.Equal(DataProtectionKeyOutcome.Stored, outcome);
        Assert.Equal(["<theirs/>", "<mine/>"], (await Grain(cluster).GetAsync(Guid.Empty)).Elements.Select(static element => element.Xml));
    }

    [Fact]
    public async Task Store_whose_write_happened_although_the_reply_was_lost_is_kept_once_when_it_is_repeated()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var element = Element("<key/>");
        var failed = 0;
        cluster.Store.AfterAsync = operation => operation is { Kind: StorageOperationKind.Write, StateName: "data-protection-keys" } && Interlocked.Increment(ref failed) == 1
            ? throw new IOException("the reply is lost") : ValueTask.CompletedTask;

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await Grain(cluster).StoreAsync(element, cluster.InAMinute()));
        await SessionDriver.RetryAsync(() => Grain(cluster).StoreAsync(element, cluster.InAMinute()));

        Assert.Equal(element.Id, Assert.Single((await Grain(cluster).GetAsync(Guid.Empty)).Elements).Id);
        Assert.Equal(1, cluster.Store.CountsOf(Grain(cluster).GetGrainId()).Writes);
    }

    [Fact]
    public async Task Store_delayed_past_the_deletion_of_its_element_brings_nothing_back()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var element = Element("<key/>");
        await Grain(cluster).StoreAsync(element, cluster.InAMinute());
        await Grain(cluster).DeleteAsync([element.Id, Guid.NewGuid()], cluster.InAMinute());
        await Grain(cluster).Cast<IGrainManagementExtension>().DeactivateOnIdle();

        Assert.Equal(DataProtectionKeyOutcome.Stored, await Grain(cluster).StoreAsync(element, cluster.InAMinute()));

        Assert.Empty((await Grain(cluster).GetAsync(Guid.Empty)).Elements);
    }

    [Fact]
    public async Task Store_and_delete_whose_caller_has_given_up_change_nothing()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var element = Element("<key/>");
        await Grain(cluster).StoreAsync(element, cluster.InAMinute());
        var past = cluster.Clock.GetUtcNow() - TimeSpan.FromSeconds(1);

        Assert.Equal(DataProtectionKeyOutcome.Late, await Grain(cluster).StoreAsync(Element("<late/>"), past));
        Assert.Equal(DataProtectionKeyOutcome.Late, await Grain(cluster).DeleteAsync([element.Id], past));

        Assert.Equal(element.Id, Assert.Single((await Grain(cluster).GetAsync(Guid.Empty)).Elements).Id);
    }

    [Fact]
    public async Task Store_acknowledged_survives_the_kill_of_its_silo()
    {
        await using var cluster = await SessionCluster.StartAsync(2);
        var element = Element("<key/>");
        await Grain(cluster).StoreAsync(element, cluster.InAMinute());

        await cluster.KillAsync(cluster.Silos[1]);

        var ring = await SessionDriver.RetryAsync(() => Grain(cluster).GetAsync(Guid.Empty));
        Assert.Equal(element.Id, Assert.Single(ring.Elements).Id);
    }

    [Fact]
    public async Task Get_of_an_empty_ring_asks_one_caller_at_a_time_to_make_the_first_key()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var grain = Grain(cluster);
        var (one, other) = (Guid.NewGuid(), Guid.NewGuid());

        Assert.False((await grain.GetAsync(Guid.Empty)).IsMadeElsewhere);
        Assert.False((await grain.GetAsync(one)).IsMadeElsewhere);
        Assert.True((await grain.GetAsync(other)).IsMadeElsewhere);
        Assert.False((await grain.GetAsync(one)).IsMadeElsewhere);
        await grain.StoreAsync(Element("<key/>"), cluster.InAMinute());

        var ring = await grain.GetAsync(other);
        Assert.False(ring.IsMadeElsewhere);
        Assert.Single(ring.Elements);
    }

    [Fact]
    public async Task Get_of_a_ring_that_cannot_be_decoded_is_unavailable_and_the_row_stays()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var storage = new SharedMemoryGrainStorage(cluster.Store, RawBytesSerializer.Instance);
        await storage.WriteStateAsync("data-protection-keys", Grain(cluster).GetGrainId(), new BytesState { State = new StoredBytes { Bytes = [9, 9] } });

        var exception = await Assert.ThrowsAsync<SessionUnavailableException>(async () => await Grain(cluster).GetAsync(Guid.Empty));

        Assert.Contains("unknown format", exception.Message, StringComparison.Ordinal);
        Assert.Equal([9, 9], Assert.Single(cluster.Store.RowsOf("data-protection-keys")).Value);
    }

    private static IDataProtectionKeyGrain Grain(SessionCluster cluster) => cluster.Inner.Client.GetGrain<IDataProtectionKeyGrain>("default");

    private static DataProtectionKeyElement Element(string xml) => new(Guid.NewGuid(), "key", xml);
}

internal static class DataProtectionClusterExtensions
{
    public static DateTimeOffset InAMinute(this SessionCluster cluster) => cluster.Clock.GetUtcNow() + TimeSpan.FromMinutes(1);
}
