using Orleans.Core.Internal;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Expiry;

/// <summary>Every storage call of a registration, a create and a sweep fails once, before or after it took effect, and the shard loses its memory.</summary>
public class SweepFaultTests
{
    private static readonly SessionTerms Terms = new() { IdleTimeout = TimeSpan.FromMinutes(10), AbsoluteLifetime = TimeSpan.FromHours(1) };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sweep_when_any_storage_call_fails_leaves_nothing_in_the_end(bool takesEffect)
    {
        await using var cluster = await SessionCluster.StartAsync(1, static options => options.Expiry.RowsPerSecond = 1_000_000);
        var calls = int.MaxValue;
        for (var failing = 0; failing < calls; failing++)
        {
            var block = await ReserveAsync(cluster);
            foreach (var id in block.ToIds())
            {
                var session = new SessionDriver(cluster, id, Terms);
                await session.CreateAsync();
            }

            cluster.Clock.Advance(TimeSpan.FromHours(2));
            var fault = new FaultAt(cluster.Store, failing, takesEffect);
            await SweepIgnoringFaultsAsync(cluster);
            fault.Remove();
            calls = fault.HasHappened ? calls : 0;

            await cluster.Shard(5).Cast<IGrainManagementExtension>().DeactivateOnIdle();
            await UntilNothingIsLeftAsync(cluster);
        }

        Assert.Equal(0, calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Create_when_any_storage_call_fails_leaves_nothing_in_the_end(bool takesEffect)
    {
        await using var cluster = await SessionCluster.StartAsync(1, static options => options.Expiry.RowsPerSecond = 1_000_000);
        var hasHappened = true;
        for (var failing = 0; hasHappened; failing++)
        {
            var fault = new FaultAt(cluster.Store, failing, takesEffect);
            var session = new SessionDriver(cluster, SessionId.New(), Terms) { IsIdRegistered = false };
            try
            {
                await session.CreateAsync();
            }
            catch (SessionUnavailableException)
            {
                // The frontend abandons the id.
            }

            hasHappened = fault.HasHappened;
            fault.Remove();
            await UntilNothingIsLeftAsync(cluster);
        }
    }

    [Fact]
    public async Task Sweep_when_the_storage_fails_is_tried_again_after_the_interval_and_not_sooner()
    {
        await using var cluster = await SessionCluster.StartAsync();
        await cluster.CreateReservedAsync(20, Terms);
        cluster.Clock.Advance(TimeSpan.FromDays(30));
        cluster.Store.BeforeAsync = static operation => operation is { Kind: StorageOperationKind.Read, StateName: "session" } ? throw new IOException("gone") : default;
        var reply = await cluster.SweepDueAsync();
        Assert.Equal(16, reply.Failed);
        cluster.Store.BeforeAsync = null;

        Assert.Equal(0, (await cluster.SweepDueAsync()).Looked);

        cluster.Clock.Advance(new SessionExpiryOptions().Interval);
        Assert.Equal(20, (await cluster.SweepDueAsync()).Removed);
    }

    [Fact]
    public async Task Sweep_when_one_session_cannot_be_ended_ends_the_others_and_comes_back_for_it()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var sessions = await cluster.CreateReservedAsync(40, Terms);
        var others = await cluster.CreateReservedAsync(40, Terms);
        cluster.Clock.Advance(TimeSpan.FromDays(30));
        cluster.Store.BeforeAsync = operation =>
            operation.Kind == StorageOperationKind.Clear && operation.GrainId == sessions[1].GrainId ? throw new IOException("stuck") : default;

        var reply = await cluster.SweepDueAsync();

        Assert.Equal((79, 1), (reply.Removed, reply.Failed));
        Assert.Equal([sessions[1].GrainId], cluster.Store.RowsOf("session").Keys);
        Assert.Equal(40, others.Length);
        cluster.Store.BeforeAsync = null;
        cluster.Clock.Advance(new SessionExpiryOptions().Interval);
        await cluster.SweepDueAsync();
        Assert.Equal(0, cluster.Store.Count);
    }

    [Fact]
    public async Task Reserve_when_another_activation_wrote_the_index_is_unavailable_and_then_works_on_what_is_stored()
    {
        await using var cluster = await SessionCluster.StartAsync();
        await using var other = await SessionCluster.StartAsync(sharing: cluster);
        await cluster.Shard(5).ReserveAsync(4, Terms.IdleTimeout);
        await other.Shard(5).ReserveAsync(4, Terms.IdleTimeout);

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await cluster.Shard(5).ReserveAsync(4, Terms.IdleTimeout));
        await cluster.Shard(5).ReserveAsync(4, Terms.IdleTimeout);

        cluster.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(12, (await cluster.SweepDueAsync()).Looked);
        Assert.Equal(0, cluster.Store.Count);
    }

    private static async Task<SessionIdBlock> ReserveAsync(SessionCluster cluster)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await cluster.Shard(5).ReserveAsync(3, Terms.IdleTimeout);
            }
            catch (SessionUnavailableException) when (attempt < 3)
            {
                // The shard loads its index afresh.
            }
        }
    }

    private static async Task SweepIgnoringFaultsAsync(SessionCluster cluster)
    {
        try
        {
            await cluster.Shard(5).SweepAsync(null);
        }
        catch (SessionUnavailableException)
        {
            // What the silos' timer does not mind either.
        }
    }

    private static Task UntilNothingIsLeftAsync(SessionCluster cluster) => SessionCluster.UntilAsync(
        async () =>
        {
            cluster.Clock.Advance(TimeSpan.FromHours(2));
            for (var shard = 0; shard < ExpiryShards.Count; shard++)
            {
                try
                {
                    await cluster.Shard(shard).SweepAsync(null);
                }
                catch (SessionUnavailableException)
                {
                    return false;
                }
            }

            return cluster.Store.Count == 0;
        },
        "nothing is left");

    /// <summary>Fails the storage call of a number, once.</summary>
    private sealed class FaultAt
    {
        private readonly SharedMemoryStore _store;
        private int _left;

        public FaultAt(SharedMemoryStore store, int number, bool takesEffect)
        {
            _store = store;
            _left = number;
            if (takesEffect)
            {
                store.AfterAsync = FailAsync;
            }
            else
            {
                store.BeforeAsync = FailAsync;
            }
        }

        public bool HasHappened { get; private set; }

        public void Remove()
        {
            _store.BeforeAsync = null;
            _store.AfterAsync = null;
        }

        private ValueTask FailAsync(StorageOperation operation)
        {
            if (Interlocked.Decrement(ref _left) != -1)
            {
                return default;
            }

            HasHappened = true;
            throw new IOException("The storage fails once.");
        }
    }
}
