using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;
using ServerSession.Tests.Web;

namespace ServerSession.Tests.Expiry;

/// <summary>An administrator sweeps, in a frontend that is a client of the cluster.</summary>
public class SweepNowTests
{
    private static readonly SessionTerms Terms = new() { IdleTimeout = TimeSpan.FromMinutes(10), AbsoluteLifetime = TimeSpan.FromHours(1) };

    [Fact]
    public async Task Sweep_removes_what_has_ended_although_its_page_is_not_due_yet()
    {
        await using var cluster = await SessionCluster.StartAsync(2);
        await using var frontend = await WebFrontend.StartAsync(cluster);
        var dead = await cluster.CreateReservedAsync(5, Terms with { IdleTimeout = TimeSpan.FromMinutes(1) });
        var block = await cluster.Shard(7).ReserveAsync(3, TimeSpan.FromHours(5));
        foreach (var id in block.ToIds())
        {
            await new SessionDriver(cluster, id, Terms with { IdleTimeout = TimeSpan.FromMinutes(1) }).CreateAsync();
        }

        var living = await cluster.CreateReservedAsync(4, Terms, shard: 6);
        cluster.Clock.Advance(Sweeps.Settling);

        var result = await frontend.Services.GetRequiredService<ISessionAdministration>().SweepAsync(TestContext.Current.CancellationToken);

        Assert.Equal(new SessionSweepResult(Looked: 12, Removed: 8), result);
        Assert.Equal(living.Select(static session => session.GrainId).Order(), cluster.Store.RowsOf("session").Keys.Order());
        Assert.All(dead, session => Assert.Contains("ended: Expired", cluster.Events.Of(session.Id)));
        Assert.Single(cluster.Store.RowsOf(ExpiryHead.State));
    }

    [Fact]
    public async Task Sweep_that_could_not_look_at_all_says_so()
    {
        await using var cluster = await SessionCluster.StartAsync();
        await using var frontend = await WebFrontend.StartAsync(cluster);
        await cluster.CreateReservedAsync(4, Terms);
        cluster.Store.BeforeAsync = static operation => operation is { Kind: StorageOperationKind.Read, StateName: "session" } ? throw new IOException("gone") : default;

        var failure = await Assert.ThrowsAsync<SessionUnavailableException>(
            async () => await frontend.Services.GetRequiredService<ISessionAdministration>().SweepAsync(TestContext.Current.CancellationToken));

        Assert.Contains("4 of 4 rows", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_that_starts_a_session_when_no_silo_gives_ids_is_503_and_works_again_afterwards()
    {
        await using var cluster = await SessionCluster.StartAsync(1, null, SystemTime.Use);
        await using var frontend = await WebFrontend.StartAsync(
            cluster, services: static services => services.Configure<ServerSessionOptions>(static options => options.RetryBudget = TimeSpan.FromSeconds(2)));
        cluster.Store.BeforeAsync = static operation =>
            operation is { Kind: StorageOperationKind.Write, StateName: ExpiryHead.State } ? throw new IOException("no room") : default;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await frontend.SendAsync("PUT", "/write/q")).Status);
        Assert.Empty(cluster.Store.RowsOf("session"));

        cluster.Store.BeforeAsync = null;
        await SessionCluster.UntilAsync(async () => await frontend.SendAsync("PUT", "/write/q") is (HttpStatusCode.OK, _, not null), "a write starts a session again");
    }
}
