using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>What the grain does when its storage fails, hangs, answers late, or was written by somebody else.</summary>
public class StorageFaultTests
{
    private static readonly Action<SessionGrainOptions> ShortTimeout = static options => options.StorageTimeout = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task Commit_when_the_store_fails_is_unavailable_and_changes_nothing()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(null, SessionDriver.Set("quote", "kept"));
        FailOnce(cluster, StorageOperationKind.Write, () => throw new IOException("no room"));

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await session.SetAsync("quote", "lost"));

        var reply = await session.OpenWithRetriesAsync();
        Assert.Equal("kept", SessionDriver.Text(reply, "quote"));
    }

    [Fact]
    public async Task Commit_when_the_store_hangs_is_unavailable_in_bounded_time_and_its_late_write_is_not_applied_twice()
    {
        await using var cluster = await SessionCluster.StartAsync(1, ShortTimeout);
        var session = await cluster.CreateAsync();
        var release = new TaskCompletionSource();
        FailOnce(cluster, StorageOperationKind.Write, () => new ValueTask(release.Task));
        var request = session.CommitRequest(SessionChange.Increment("visits"));
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await session.Grain.CommitAsync(request));

        var repeat = await SessionDriver.RetryAsync(() => session.Grain.CommitAsync(request));
        release.SetResult();

        Assert.Equal(1, repeat.Results![0].Number);
        var next = await session.CommitWithRetriesAsync(SessionChange.Increment("visits"));
        Assert.Equal(2, next.Results![0].Number);
    }

    [Fact]
    public async Task Destroy_when_the_store_fails_is_unavailable_and_can_be_repeated()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        cluster.Clock.Advance(TimeSpan.FromMinutes(1));
        FailOnce(cluster, StorageOperationKind.Clear, () => throw new IOException("no room"));

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await session.DestroyAsync());
        var again = await SessionDriver.RetryAsync(() => session.Grain.DestroyAsync(new DestroySession { Verifier = session.Verifier.Hash() }));

        Assert.Equal(SessionOutcome.Destroyed, again.Outcome);
        Assert.Empty(cluster.Store.RowsOf("session"));
    }

    [Fact]
    public async Task Commit_when_another_activation_wrote_is_unavailable_and_then_merged()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(null, SessionDriver.Set("a", "1"));
        var grainId = session.GrainId;
        await cluster.OverwriteAsync(grainId, SessionDriver.Set("b", "2"));
        var request = session.CommitRequest(SessionDriver.Set("c", "3"));

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await session.Grain.CommitAsync(request));
        await SessionDriver.RetryAsync(() => session.Grain.CommitAsync(request));

        Assert.Equal(["a", "b", "c"], (await session.OpenAsync()).Snapshot!.Data.Keys);
    }

    [Fact]
    public async Task Open_of_a_row_that_cannot_be_read_is_gone_and_the_row_stays_for_the_operator()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        await cluster.DeactivateAsync(session.Id);
        cluster.WriteRaw(session.GrainId, [1, 0xFF, 0xFF]);

        Assert.Equal(SessionOutcome.Gone, (await session.OpenAsync()).Outcome);
        Assert.Single(cluster.Store.RowsOf("session"));
    }

    [Fact]
    public async Task Open_of_a_row_of_a_newer_silo_is_unavailable_not_gone()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        await cluster.DeactivateAsync(session.Id);
        cluster.WriteRaw(session.GrainId, [0xA0, 0x06, 3]);

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await session.OpenAsync());
    }

    [Fact]
    public async Task Create_with_an_id_in_use_is_gone_and_leaves_the_other_session_alone()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(null, SessionDriver.Set("quote", "mine"));
        var stranger = session.CreateRequest() with { Verifier = SessionVerifier.New().Hash() };

        Assert.Equal(SessionOutcome.Gone, (await session.Grain.CreateAsync(stranger)).Outcome);
        await cluster.DeactivateAsync(session.Id);
        Assert.Equal(SessionOutcome.Gone, (await SessionDriver.RetryAsync(() => session.Grain.CreateAsync(stranger))).Outcome);

        Assert.Equal("mine", await session.ReadAsync("quote"));
    }

    private static void FailOnce(SessionCluster cluster, StorageOperationKind kind, Func<ValueTask> fault)
    {
        var armed = 1;
        cluster.Store.BeforeAsync = operation =>
            operation.Kind == kind && operation.StateName == "session" && Interlocked.Exchange(ref armed, 0) == 1 ? fault() : ValueTask.CompletedTask;
    }
}
