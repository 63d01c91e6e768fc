using Microsoft.Extensions.DependencyInjection;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Expiry;

/// <summary>Sessions that were stored before the index existed are registered once, where the storage can list its rows.</summary>
public class BackfillTests
{
    private static readonly SessionTerms Terms = new() { IdleTimeout = TimeSpan.FromMinutes(10), AbsoluteLifetime = TimeSpan.FromHours(1) };

    [Fact]
    public async Task Backfill_registers_what_was_stored_before_and_only_once()
    {
        await using var old = await SessionCluster.StartAsync();
        for (var number = 0; number < 300; number++)
        {
            await old.CreateAsync(Terms);
        }

        Assert.Equal(300, old.Store.Count);
        await using var cluster = await KillAndStartListingAsync(old);
        var backfill = cluster.Silos[0].ServiceProvider.GetRequiredService<ExpiryBackfill>();

        Assert.Equal(300, await backfill.RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, await backfill.RunAsync(TestContext.Current.CancellationToken));

        cluster.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(300, (await cluster.SweepDueAsync()).Removed);
        Assert.Empty(cluster.Store.RowsOf("session"));
        Assert.Equal(1, cluster.Store.Count);
        Assert.Single(cluster.Store.RowsOf(ExpiryBackfill.MarkerState));
    }

    [Fact]
    public async Task Backfill_that_fails_half_way_begins_again()
    {
        await using var old = await SessionCluster.StartAsync();
        for (var number = 0; number < 20; number++)
        {
            await old.CreateAsync(Terms);
        }

        await using var cluster = await KillAndStartListingAsync(old);
        var backfill = cluster.Silos[0].ServiceProvider.GetRequiredService<ExpiryBackfill>();
        var left = 5;
        cluster.Store.BeforeAsync = operation =>
            operation is { Kind: StorageOperationKind.Write, StateName: ExpiryHead.State } && --left < 0 ? throw new IOException("no room") : default;
        await Assert.ThrowsAsync<SessionUnavailableException>(() => backfill.RunAsync(TestContext.Current.CancellationToken));
        Assert.Empty(cluster.Store.RowsOf(ExpiryBackfill.MarkerState));
        cluster.Store.BeforeAsync = null;

        Assert.Equal(20, await backfill.RunAsync(TestContext.Current.CancellationToken));

        cluster.Clock.Advance(TimeSpan.FromDays(1));
        await cluster.SweepDueAsync();
        Assert.Empty(cluster.Store.RowsOf("session"));
    }

    [Fact]
    public async Task Backfill_over_a_storage_that_cannot_list_does_nothing_and_leaves_no_mark()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var backfill = cluster.Silos[0].ServiceProvider.GetRequiredService<ExpiryBackfill>();

        Assert.Equal(0, await backfill.RunAsync(TestContext.Current.CancellationToken));

        Assert.Equal(0, cluster.Store.Count);
    }

    private static async Task<SessionCluster> KillAndStartListingAsync(SessionCluster old)
    {
        foreach (var silo in old.Silos.ToArray())
        {
            await old.KillAsync(silo);
        }

        return await SessionCluster.StartAsync(1, null, silo => silo.Services.AddKeyedSingleton<Func<string, CancellationToken, IAsyncEnumerable<GrainId>>>(
            SessionGrainOptions.StorageName, (_, _) => (state, _) => old.Store.RowsOf(state).Keys.ToAsyncEnumerable()), old);
    }
}
