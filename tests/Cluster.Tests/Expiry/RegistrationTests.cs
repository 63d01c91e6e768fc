using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Expiry;

/// <summary>No row of a session is written before its id stands in the clean-up index.</summary>
public class RegistrationTests
{
    private static readonly SessionTerms Terms = new() { IdleTimeout = TimeSpan.FromMinutes(10), AbsoluteLifetime = TimeSpan.FromHours(1) };

    [Fact]
    public async Task Create_with_an_id_from_elsewhere_registers_it_before_the_row_is_written()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = Unregistered(cluster, Terms);
        var indexedFirst = false;
        cluster.Store.BeforeAsync = operation =>
        {
            indexedFirst |= operation.StateName == "session" && cluster.Store.RowsOf(ExpiryHead.State).Count == 1;
            return default;
        };

        Assert.Equal(SessionOutcome.Created, (await session.CreateAsync()).Outcome);

        Assert.True(indexedFirst);
        await EndsWithoutAnybodyAsync(cluster);
    }

    [Fact]
    public async Task Create_that_cannot_register_its_id_writes_no_row()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = Unregistered(cluster, Terms);
        cluster.Store.BeforeAsync = static operation =>
            operation is { StateName: ExpiryHead.State, Kind: StorageOperationKind.Write } ? throw new IOException("no room") : default;

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await session.CreateAsync());

        Assert.Equal(0, cluster.Store.Count);
        cluster.Store.BeforeAsync = null;
        Assert.Equal(SessionOutcome.Created, (await SessionDriver.RetryAsync(() => session.Grain.CreateAsync(session.CreateRequest()))).Outcome);
    }

    [Fact]
    public async Task Create_of_volatile_sessions_registers_nothing()
    {
        await using var cluster = await SessionCluster.StartAsync();

        await Unregistered(cluster, Terms with { Durability = SessionDurability.Volatile }).CreateAsync();

        Assert.Equal(0, cluster.Store.Count);
    }

    [Fact]
    public async Task Commit_that_gives_a_volatile_session_a_row_after_its_id_left_the_index_registers_it_again()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = Assert.Single(await cluster.CreateReservedAsync(1, Terms with { IdleTimeout = TimeSpan.FromHours(1), Durability = SessionDurability.Volatile }));
        cluster.Clock.Advance(Sweeps.Settling);
        await cluster.SweepAllAsync();
        Assert.Equal(0, cluster.Store.Count);

        var reply = await session.Grain.CommitAsync(session.CommitRequest() with { NewTerms = Terms });

        Assert.Equal(SessionOutcome.Committed, reply.Outcome);
        Assert.Single(cluster.Store.RowsOf("session"));
        await EndsWithoutAnybodyAsync(cluster);
    }

    [Fact]
    public async Task Commit_that_gives_a_volatile_session_a_row_when_the_index_fails_is_unavailable_and_heals()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = Assert.Single(await cluster.CreateReservedAsync(1, Terms with { Durability = SessionDurability.Volatile }));
        cluster.Store.BeforeAsync = static operation =>
            operation is { StateName: ExpiryHead.State, Kind: StorageOperationKind.Write } ? throw new IOException("no room") : default;
        var request = session.CommitRequest() with { NewTerms = Terms };
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await session.Grain.CommitAsync(request));
        Assert.Empty(cluster.Store.RowsOf("session"));

        cluster.Store.BeforeAsync = null;
        var reply = await SessionDriver.RetryAsync(() => session.Grain.CommitAsync(request));

        Assert.Equal(SessionOutcome.Committed, reply.Outcome);
        await EndsWithoutAnybodyAsync(cluster);
    }

    [Fact]
    public async Task Register_of_many_at_once_shares_its_writes()
    {
        await using var cluster = await SessionCluster.StartAsync(1, static options => options.StorageTimeout = TimeSpan.FromMinutes(1));
        var release = new TaskCompletionSource();
        var first = true;
        cluster.Store.BeforeAsync = async operation =>
        {
            if (operation is { StateName: ExpiryHead.State, Kind: StorageOperationKind.Write } && first)
            {
                first = false;
                await release.Task;
            }
        };
        var registrations = Enumerable.Range(0, 100).Select(_ => cluster.Shard(3).RegisterAsync([SessionId.New()]).AsTask()).ToArray();
        await SessionCluster.UntilAsync(() => Task.FromResult(!first), "the first write is under way");

        release.SetResult();
        await Task.WhenAll(registrations);

        Assert.InRange(cluster.Store.CountsOf(cluster.Shard(3).GetGrainId()).Writes, 1, 10);
    }

    private static SessionDriver Unregistered(SessionCluster cluster, SessionTerms terms) => new(cluster, SessionId.New(), terms) { IsIdRegistered = false };

    private static async Task EndsWithoutAnybodyAsync(SessionCluster cluster)
    {
        cluster.Store.BeforeAsync = null;
        await using var after = await cluster.KillAndStartAsync();
        after.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, (await after.SweepDueAsync()).Removed);
        Assert.Equal(0, after.Store.Count);
    }
}
