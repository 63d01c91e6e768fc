using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>Acknowledged changes survive: an acknowledged change survives the kill of any silo; volatile sessions move on a planned shutdown.</summary>
public class AcknowledgedSurvivesTests
{
    [Fact]
    public async Task Commit_acknowledged_survives_the_kill_of_its_silo()
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var sessions = new List<SessionDriver>();
        for (var index = 0; index < 12; index++)
        {
            sessions.Add(await cluster.CreateAsync(null, SessionDriver.Set("n", "0")));
            Assert.Equal(SessionOutcome.Committed, (await sessions[index].SetAsync("n", $"{index}")).Outcome);
        }

        var victim = await cluster.OwnerAsync(sessions[0].Id);
        await cluster.KillAsync(victim!);

        for (var index = 0; index < 12; index++)
        {
            var reply = await sessions[index].OpenWithRetriesAsync();
            Assert.Equal(SessionOutcome.Opened, reply.Outcome);
            Assert.Equal($"{index}", SessionDriver.Text(reply, "n"));
        }
    }

    [Fact]
    public async Task Destroy_acknowledged_survives_the_kill_of_its_silo()
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var session = await cluster.CreateAsync();
        var owner = await cluster.OwnerAsync(session.Id);
        await session.DestroyAsync();

        await cluster.KillAsync(owner!);

        Assert.Equal(SessionOutcome.Gone, (await session.OpenWithRetriesAsync()).Outcome);
    }

    [Theory]
    [InlineData(SessionDurability.WriteThrough)]
    [InlineData(SessionDurability.WriteBehind)]
    [InlineData(SessionDurability.Volatile)]
    public async Task Session_survives_the_planned_shutdown_of_its_silo(SessionDurability durability)
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var sessions = new List<SessionDriver>();
        for (var index = 0; index < 12; index++)
        {
            sessions.Add(await cluster.CreateAsync(new SessionTerms { Durability = durability, WriteBehindInterval = TimeSpan.FromHours(1) }));
            await sessions[index].SetAsync("n", $"{index}");
        }

        var owner = await cluster.OwnerAsync(sessions[0].Id);
        await cluster.StopAsync(owner!);

        for (var index = 0; index < 12; index++)
        {
            var reply = await sessions[index].OpenWithRetriesAsync();
            Assert.Equal(SessionOutcome.Opened, reply.Outcome);
            Assert.Equal($"{index}", SessionDriver.Text(reply, "n"));
        }
    }

    [Fact]
    public async Task Commit_that_is_write_behind_is_stored_within_its_interval_and_a_rotation_at_once()
    {
        var interval = TimeSpan.FromMilliseconds(200);
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(new SessionTerms { Durability = SessionDurability.WriteBehind, WriteBehindInterval = interval });
        Assert.Equal(1, cluster.Store.CountsOf(session.GrainId).Writes);
        var began = TimeProvider.System.GetTimestamp();

        for (var index = 0; index < 20; index++)
        {
            await session.SetAsync("n", $"{index}");
        }

        await SessionCluster.UntilAsync(() => Task.FromResult(cluster.Store.CountsOf(session.GrainId).Writes > 1), "the changes are stored");
        var writes = cluster.Store.CountsOf(session.GrainId).Writes;
        Assert.InRange(writes, 2, 2 + (int)(TimeProvider.System.GetElapsedTime(began) / interval));

        // With an interval that does not pass here.
        var rotated = await cluster.CreateAsync(new SessionTerms { Durability = SessionDurability.WriteBehind, WriteBehindInterval = TimeSpan.FromHours(1) });
        await rotated.SetAsync("n", "1");
        Assert.Equal(1, cluster.Store.CountsOf(rotated.GrainId).Writes);
        await rotated.RotateAsync();
        Assert.Equal(2, cluster.Store.CountsOf(rotated.GrainId).Writes);
    }

    [Fact]
    public async Task Session_that_is_volatile_looks_once_whether_its_id_is_taken_and_never_touches_the_storage_again()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(new SessionTerms { Durability = SessionDurability.Volatile });
        await session.SetAsync("n", "1");
        await session.RotateAsync();
        await session.OpenAsync();
        await session.DestroyAsync();

        Assert.Equal(new Storage.StorageCounts(Reads: 1, Writes: 0, Clears: 0), cluster.Store.CountsOf(session.GrainId));
    }

    [Fact]
    public async Task Durability_that_changes_moves_the_session_into_and_out_of_the_store()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(null, SessionDriver.Set("n", "1"));

        await session.Grain.CommitAsync(session.CommitRequest() with { NewTerms = new SessionTerms { Durability = SessionDurability.Volatile } });
        Assert.Empty(cluster.Store.RowsOf("session"));
        Assert.Equal("1", await session.ReadAsync("n"));

        await session.Grain.CommitAsync(session.CommitRequest() with { NewTerms = new SessionTerms() });
        Assert.Single(cluster.Store.RowsOf("session"));
        await cluster.DeactivateAsync(session.Id);
        Assert.Equal("1", await session.ReadAsync("n"));
    }
}
