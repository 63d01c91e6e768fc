using Microsoft.Extensions.DependencyInjection;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>
/// A session remembers an operation until its source says that it has the answer, wherever it was made: nothing is applied twice for that, and what is
/// answered or given up is refused when it arrives yet.
/// </summary>
public class LocalRepeatTests
{
    private static readonly SessionChange Count = SessionChange.Increment("n");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commit_made_locally_in_doubt_is_not_applied_again_when_it_is_repeated_after_others(bool leaves)
    {
        await using var cluster = await SessionCluster.StartAsync();
        var (session, local) = await PublishedAsync(cluster);
        var doubtful = session.CommitRequest(Count);
        cluster.Store.LoseReply(StorageOperationKind.Write);
        await Assert.ThrowsAsync<SessionUnavailableException>(() => CommitLocallyAsync(local, session, doubtful));

        // Others load the session again, and commit locally.
        await session.OpenWithRetriesAsync();
        await CommitLocallyAsync(local, session, session.CommitRequest(Count));
        await CommitLocallyAsync(local, session, session.CommitRequest(Count));
        if (leaves)
        {
            await cluster.DeactivateAsync(session.Id);
            await session.OpenWithRetriesAsync();
        }

        Assert.Equal(SessionOutcome.Committed, (await CommitLocallyAsync(local, session, doubtful)).Outcome);
        Assert.Equal("3", await session.ReadAsync("n"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commit_sent_before_it_was_made_locally_is_not_applied_again_when_the_message_arrives(bool leaves)
    {
        await using var cluster = await SessionCluster.StartAsync();
        var (session, local) = await PublishedAsync(cluster);
        var sent = session.CommitRequest(Count);
        await CommitLocallyAsync(local, session, sent);
        await CommitLocallyAsync(local, session, session.CommitRequest(Count));
        if (leaves)
        {
            await cluster.DeactivateAsync(session.Id);
        }

        var late = await session.Grain.CommitAsync(sent);

        Assert.Equal(SessionOutcome.Committed, late.Outcome);
        Assert.Equal("2", await session.ReadAsync("n"));
    }

    [Fact]
    public async Task Row_of_a_session_that_is_committed_to_locally_does_not_grow_with_the_commits()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var (session, local) = await PublishedAsync(cluster);
        await CommitLocallyAsync(local, session, Numbered(session.CommitRequest(SessionDriver.Set("n", "0"))));
        var before = Row().Length;

        for (var number = 1; number < 200; number++)
        {
            await CommitLocallyAsync(local, session, Numbered(session.CommitRequest(SessionDriver.Set("n", $"{number % 10}"))));
        }

        // The numbers of version and operation grow by a byte or two.
        Assert.InRange(Row().Length, before - 4, before + 8);

        byte[] Row() => cluster.Store.RowsOf("session")[session.GrainId];
    }

    [Fact]
    public async Task Commit_that_its_caller_may_repeat_is_not_applied_again_after_others()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var (session, local) = await PublishedAsync(cluster);
        var repeated = session.CommitRequest(Count);
        await CommitLocallyAsync(local, session, repeated);
        await CommitLocallyAsync(local, session, session.CommitRequest(Count));
        await CommitLocallyAsync(local, session, session.CommitRequest(Count));

        await CommitLocallyAsync(local, session, repeated);

        Assert.Equal("3", await session.ReadAsync("n"));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Commit_that_its_source_waits_for_no_longer_is_refused_when_it_arrives(bool wasApplied, bool leaves)
    {
        await using var cluster = await SessionCluster.StartAsync();
        var (session, local) = await PublishedAsync(cluster);
        var late = Numbered(session.CommitRequest(Count));
        if (wasApplied)
        {
            await CommitLocallyAsync(local, session, late);
        }

        var before = wasApplied ? 1 : 0;
        await CommitLocallyAsync(local, session, Numbered(session.CommitRequest(Count)));
        if (leaves)
        {
            await cluster.DeactivateAsync(session.Id);
        }

        Assert.Equal(SessionOutcome.Late, (await session.Grain.CommitAsync(late)).Outcome);
        Assert.Equal($"{before + 1}", await session.ReadAsync("n"));
    }

    [Fact]
    public async Task Commit_that_arrives_out_of_order_is_applied_while_its_source_waits_for_it()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var (session, local) = await PublishedAsync(cluster);
        var slow = Numbered(session.CommitRequest(Count));
        for (var number = 0; number < 3; number++)
        {
            await CommitLocallyAsync(local, session, session.CommitRequest(Count) with { FirstUnanswered = slow.FirstUnanswered });
        }

        Assert.Equal(SessionOutcome.Committed, (await session.Grain.CommitAsync(slow)).Outcome);
        Assert.Equal(SessionOutcome.Committed, (await session.Grain.CommitAsync(slow)).Outcome);
        Assert.Equal("4", await session.ReadAsync("n"));
    }

    /// <summary>As a frontend numbers it that waits for nothing else.</summary>
    private static CommitSession Numbered(CommitSession request) => request with { FirstUnanswered = request.Operation.Sequence };

    private static async Task<(SessionDriver Session, ILocalSessions Local)> PublishedAsync(SessionCluster cluster)
    {
        var session = await cluster.CreateAsync();
        var local = cluster.Silos[0].ServiceProvider.GetRequiredService<ILocalSessions>();
        local.TryOpen(session.Id, session.Verifier.Hash(), OpenMode.Peek, out _);
        await session.OpenAsync();
        return (session, local);
    }

    private static async Task<SessionReply> CommitLocallyAsync(ILocalSessions local, SessionDriver session, CommitSession request)
    {
        Assert.True(local.TryCommit(session.Id, request, out var reply));
        return await reply;
    }
}
