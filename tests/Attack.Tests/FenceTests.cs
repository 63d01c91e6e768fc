using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>A silo that cannot confirm its membership serves nothing: neither what it keeps in memory nor what is stored.</summary>
public class FenceTests
{
    [Theory]
    [InlineData(SessionDurability.Volatile)]
    [InlineData(SessionDurability.WriteBehind)]
    [InlineData(SessionDurability.WriteThrough)]
    public async Task Operation_of_any_kind_behind_a_stale_fence_is_unavailable(SessionDurability durability)
    {
        var steady = new FakeTimeProvider();
        await using var cluster = await StartAsync(steady);
        var session = await cluster.CreateAsync(new SessionTerms { Durability = durability }, SessionDriver.Set("quote", "q"));
        var ended = cluster.NewSession(new SessionTerms { Durability = durability });
        var create = ended.CreateRequest();
        await ended.Grain.CreateAsync(create);
        await ended.DestroyAsync();
        var operations = cluster.Store.Total;

        cluster.Membership(0).Fail = true;
        steady.Advance(TimeSpan.FromSeconds(10));

        await Attack.UnavailableAsync(() => session.Grain.OpenAsync(session.Verifier.Hash(), OpenMode.Touch));
        await Attack.UnavailableAsync(() => session.Grain.OpenAsync(session.Verifier.Hash(), OpenMode.Peek));
        await Attack.UnavailableAsync(() => session.Grain.CommitAsync(session.CommitRequest(SessionDriver.Set("quote", "new"))));
        await Attack.UnavailableAsync(() => session.Grain.CommitAsync(session.CommitRequest() with { NewVerifier = SessionVerifier.New().Hash() }));
        await Attack.UnavailableAsync(() => session.Grain.DestroyAsync(new DestroySession { Verifier = session.Verifier.Hash() }));
        await Attack.UnavailableAsync(() => session.Grain.CreateAsync(session.CreateRequest()));
        await Attack.UnavailableAsync(() => ended.Grain.CreateAsync(create));
        await Attack.UnavailableAsync(() => ended.Grain.OpenAsync(ended.Verifier.Hash(), OpenMode.Touch));
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await session.Grain.ExpireIfDueAsync());
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await cluster.Inner.Client.GetGrain<ISigningKeyGrain>(0).GetAsync());
        Assert.Equal(operations, cluster.Store.Total);
    }

    [Fact]
    public async Task Changes_that_are_not_stored_wait_behind_a_stale_fence_and_are_served_when_it_is_fresh_again()
    {
        var steady = new FakeTimeProvider();
        await using var cluster = await StartAsync(steady);
        var session = await cluster.CreateAsync(Attack.WriteBehind);
        await session.SetAsync("quote", "acknowledged");
        cluster.Store.LoseReply(StorageOperationKind.Write);
        await Attack.UnavailableAsync(() => session.Grain.CommitAsync(session.CommitRequest() with { NewVerifier = SessionVerifier.New().Hash() }));
        cluster.Membership(0).Fail = true;
        steady.Advance(TimeSpan.FromSeconds(10));
        await Attack.UnavailableAsync(() => session.Grain.OpenAsync(session.Verifier.Hash(), OpenMode.Peek));

        cluster.Membership(0).Fail = false;
        await SessionCluster.UntilAsync(
            async () =>
            {
                steady.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
                return cluster.Fence(0).IsFresh;
            },
            "the fence is fresh again");

        // The rotation had reached the store: its reply was lost, and nobody has its token.
        Assert.Equal(SessionOutcome.Stale, (await session.OpenWithRetriesAsync()).Outcome);
        Assert.Equal("acknowledged", SessionDriver.Text(await RowAsync(cluster, session), "quote"));
    }

    private static async Task<SessionReply> RowAsync(SessionCluster cluster, SessionDriver session)
    {
        await cluster.DeactivateAsync(session.Id);
        var record = SessionRecordCodec.Decode(cluster.Store.RowsOf("session")[session.GrainId]);
        return new SessionReply { Snapshot = record.State!.Snapshot };
    }

    private static Task<SessionCluster> StartAsync(FakeTimeProvider steady) =>
        SessionCluster.StartAsync(1, Attack.ShortTimeout, silo => silo.Services.AddSingleton(services =>
            new SessionClock(services.GetRequiredService<SessionCluster.SharedClock>().Time) { Monotonic = steady }));
}
