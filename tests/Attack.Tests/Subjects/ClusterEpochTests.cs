using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Subjects;

/// <summary>An administrator ends all sessions of the cluster: one write, one message to each silo.</summary>
public class ClusterEpochTests
{
    [Fact]
    public async Task End_of_all_sessions_ends_those_in_memory_in_local_tables_and_in_rows_alone()
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var sessions = new List<SessionDriver>();
        foreach (var durability in Enum.GetValues<SessionDurability>())
        {
            for (var number = 0; number < 4; number++)
            {
                sessions.Add(await cluster.CreateAsync(new SessionTerms { Durability = durability }));
            }
        }

        await cluster.DeactivateAsync(sessions[0].Id);
        foreach (var session in sessions)
        {
            Local(cluster, session, out _);
            await session.OpenAsync();
        }

        Assert.Contains(sessions, session => Local(cluster, session, out var reply) && reply.Outcome == SessionOutcome.Opened);
        var before = cluster.Store.Total;
        Assert.Equal(1, await EndAllAsync(cluster));

        // Whatever the number of sessions.
        Assert.Equal(before.Writes + 1, cluster.Store.Total.Writes);
        Assert.DoesNotContain(sessions, session => Local(cluster, session, out _));
        foreach (var session in sessions)
        {
            Assert.Equal(SessionOutcome.Gone, (await session.OpenAsync()).Outcome);
            await cluster.Events.HeardAsync(session.Id, "created", "ended: Cluster");
        }

        var later = await cluster.CreateAsync();
        await cluster.DeactivateAsync(later.Id);
        Assert.Equal(SessionOutcome.Opened, (await later.OpenAsync()).Outcome);
        Assert.Equal(2, await EndAllAsync(cluster));
        Assert.Equal(SessionOutcome.Gone, (await later.OpenAsync()).Outcome);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commit_or_create_in_flight_when_all_sessions_are_ended_is_not_accepted(bool create)
    {
        await using var cluster = await SessionCluster.StartAsync(3, Attack.LongTimeout);
        var session = cluster.NewSession();
        var held = new HeldCall();
        if (!create)
        {
            Assert.Equal(SessionOutcome.Created, (await session.CreateAsync()).Outcome);
        }

        var times = 1;
        cluster.Store.BeforeAsync = operation =>
            operation.Kind == StorageOperationKind.Write && operation.GrainId == session.GrainId && Interlocked.Decrement(ref times) >= 0 ? held.WaitAsync(operation) : ValueTask.CompletedTask;
        cluster.Store.Ended = held.NoteEnd;
        var inFlight = create ? session.CreateAsync() : session.SetAsync("quote", "q");
        await held.Reached;

        await EndAllAsync(cluster);
        await held.ReleaseAsync();

        Assert.Equal(SessionOutcome.Gone, (await inFlight).Outcome);
        Assert.Equal(SessionOutcome.Gone, (await session.OpenWithRetriesAsync()).Outcome);
    }

    [Fact]
    public async Task Silo_that_starts_afterwards_knows_that_all_sessions_were_ended()
    {
        await using var cluster = await SessionCluster.StartAsync(1);
        var session = await cluster.CreateAsync();
        await EndAllAsync(cluster);

        var silo = await cluster.Inner.StartAdditionalSiloAsync();

        Assert.Equal(1, silo.ServiceProvider.GetRequiredService<ClusterEpoch>().Current);
        await cluster.CrashAsync(cluster.Silos[0]);
        Assert.Equal(SessionOutcome.Gone, (await session.OpenWithRetriesAsync()).Outcome);
    }

    [Fact]
    public async Task End_of_all_sessions_after_a_silo_was_killed_is_answered_when_that_silo_can_answer_nobody()
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var sessions = await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => cluster.CreateAsync()));
        await cluster.CrashAsync(cluster.Silos[2]);

        await SubjectDriver.RetryAsync(() => cluster.Inner.Client.GetGrain<IClusterSessionsGrain>(0).EndAllAsync(null));

        foreach (var session in sessions)
        {
            Assert.Equal(SessionOutcome.Gone, (await session.OpenWithRetriesAsync()).Outcome);
        }
    }

    /// <summary>Whoever ended all sessions died before this silo was told: it went on with the old epoch until somebody ended them again.</summary>
    [Fact]
    public async Task Silo_that_was_not_told_of_the_end_of_all_sessions_reads_it_within_a_minute()
    {
        var steady = new FakeTimeProvider();
        await using var cluster = await SessionCluster.StartAsync(1, null, silo => silo.Services.AddSingleton(services =>
            new SessionClock(services.GetRequiredService<SessionCluster.SharedClock>().Time) { Monotonic = steady }));
        var session = await cluster.CreateAsync();
        await Services(cluster).GetRequiredService<EpochRow>().WriteAsync(1, null);
        Assert.Equal(SessionOutcome.Opened, (await session.OpenAsync()).Outcome);

        await SessionCluster.UntilAsync(
            () =>
            {
                steady.Advance(TimeSpan.FromMinutes(1));
                return Task.FromResult(Services(cluster).GetRequiredService<ClusterEpoch>().Current == 1);
            },
            "the silo has read the epoch");

        Assert.Equal(SessionOutcome.Gone, (await session.OpenWithRetriesAsync()).Outcome);
    }

    /// <summary>Another silo was told, and created the session; this one was not.</summary>
    [Fact]
    public async Task Silo_that_loads_a_session_of_a_newer_epoch_ends_those_of_the_old_one()
    {
        await using var cluster = await SessionCluster.StartAsync(1);
        var (old, newer) = (await cluster.CreateAsync(), await cluster.CreateAsync());
        await cluster.DeactivateAsync(newer.Id);
        var record = SessionRecordCodec.Decode(cluster.Store.RowsOf("session")[newer.GrainId]);
        cluster.WriteRaw(newer.GrainId, SessionRecordCodec.Encode(record.State! with { Epoch = 1 }, record.LastAccess));
        Assert.Equal(SessionOutcome.Opened, (await old.OpenAsync()).Outcome);

        Assert.Equal(SessionOutcome.Opened, (await newer.OpenAsync()).Outcome);

        Assert.Equal(SessionOutcome.Gone, (await old.OpenAsync()).Outcome);
        Assert.Equal(1, Services(cluster).GetRequiredService<ClusterEpoch>().Current);
    }

    private static IServiceProvider Services(SessionCluster cluster) => cluster.Silos[0].ServiceProvider;

    private static async Task<long> EndAllAsync(SessionCluster cluster) => await cluster.Inner.Client.GetGrain<IClusterSessionsGrain>(0).EndAllAsync(null);

    /// <summary>Whether any silo opens the session without a call.</summary>
    private static bool Local(SessionCluster cluster, SessionDriver session, out SessionReply reply)
    {
        reply = default;
        foreach (var silo in cluster.Silos)
        {
            if (silo.ServiceProvider.GetRequiredService<ILocalSessions>().TryOpen(session.Id, session.Verifier.Hash(), OpenMode.Peek, out reply))
            {
                return true;
            }
        }

        return false;
    }
}
