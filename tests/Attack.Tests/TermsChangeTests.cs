using Orleans.Configuration;
using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>New terms hold from their commit on: in timers, in the storage, and in how long the activation stays.</summary>
public class TermsChangeTests
{
    // Defect: the flush timer of the old interval stayed, so changes waited an hour for their write.
    [Fact]
    public async Task Write_behind_interval_shortened_holds_for_the_next_change()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(Attack.WriteBehind);
        await session.SetAsync("n", "1");
        var terms = Attack.WriteBehind with { WriteBehindInterval = TimeSpan.FromMilliseconds(20) };
        await session.Grain.CommitAsync(session.CommitRequest() with { NewTerms = terms });
        var writes = cluster.Store.CountsOf(session.GrainId).Writes;

        await session.SetAsync("n", "2");

        await SessionCluster.UntilAsync(() => Task.FromResult(cluster.Store.CountsOf(session.GrainId).Writes > writes), "the change is stored");
    }

    // Defect: the expiry timer of the old deadline stayed, so a volatile session outlived its new one in memory.
    [Fact]
    public async Task Idle_timeout_shortened_moves_the_expiry_timer()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(Attack.Volatile);
        var terms = Attack.Volatile with { IdleTimeout = TimeSpan.FromSeconds(1) };
        await session.Grain.CommitAsync(session.CommitRequest() with { NewTerms = terms });
        cluster.Clock.Advance(TimeSpan.FromSeconds(2));

        await SessionCluster.UntilAsync(
            () => Task.FromResult(cluster.Events.Of(session.Id).Contains("ended: Expired")), "the timer ends the session");
    }

    // Defect: what had been volatile stayed in memory until its old deadline.
    [Fact]
    public async Task Durability_raised_lets_the_idle_activation_be_collected()
    {
        await using var cluster = await SessionCluster.StartAsync(1, static options => options.CollectionAge = TimeSpan.FromSeconds(2), static silo =>
            silo.Configure<GrainCollectionOptions>(static options => options.CollectionQuantum = TimeSpan.FromSeconds(1)));
        var session = await cluster.CreateAsync(Attack.Volatile, SessionDriver.Set("n", "1"));
        await session.Grain.CommitAsync(session.CommitRequest() with { NewTerms = new SessionTerms() });

        await SessionCluster.UntilAsync(async () => await cluster.OwnerAsync(session.Id) is null, "the idle activation is collected");

        Assert.Equal("1", await session.ReadAsync("n"));
    }

    // Defect: commits that store nothing moved the deadline in memory only, so a crash brought the session's end forward without bound.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Touch_by_commits_that_store_nothing_survives_a_crash_but_for_the_touch_fraction(bool writeBehind)
    {
        await using var cluster = await SessionCluster.StartAsync(2);
        var terms = (writeBehind ? Attack.WriteBehind : new SessionTerms()) with { IdleTimeout = TimeSpan.FromMinutes(20) };
        var session = await cluster.CreateAsync(terms);
        var due = default(DateTimeOffset);
        for (var minute = 0; minute < 30; minute++)
        {
            cluster.Clock.Advance(TimeSpan.FromMinutes(1));
            due = (await session.CommitAsync(writeBehind ? [SessionChange.Increment("n")] : [])).ExpiresAt;
        }

        await cluster.CrashAsync((await cluster.OwnerAsync(session.Id))!);

        var reply = await SessionDriver.RetryAsync(() => session.Grain.OpenAsync(session.Verifier.Hash(), OpenMode.Peek));
        Assert.Equal(SessionOutcome.Opened, reply.Outcome);
        Assert.InRange(reply.ExpiresAt, due - TimeSpan.FromMinutes(5), due);
    }
}
