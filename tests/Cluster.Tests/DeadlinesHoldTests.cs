using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>Deadlines hold: never readable after min(last access + idle timeout, creation + absolute lifetime).</summary>
public class DeadlinesHoldTests
{
    private static readonly SessionTerms Terms = new() { IdleTimeout = TimeSpan.FromMinutes(10), AbsoluteLifetime = TimeSpan.FromHours(1) };

    [Theory]
    [InlineData(SessionDurability.WriteThrough)]
    [InlineData(SessionDurability.WriteBehind)]
    [InlineData(SessionDurability.Volatile)]
    public async Task Open_at_the_idle_deadline_is_gone_and_just_before_it_is_not(SessionDurability durability)
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(Terms with { Durability = durability });

        cluster.Clock.Advance(Terms.IdleTimeout - TimeSpan.FromTicks(1));
        Assert.Equal(SessionOutcome.Opened, (await session.OpenAsync()).Outcome);

        cluster.Clock.Advance(Terms.IdleTimeout);
        Assert.Equal(SessionOutcome.Gone, (await session.OpenAsync()).Outcome);
        await SessionCluster.UntilAsync(() => Task.FromResult(cluster.Events.Of(session.Id).Contains("ended: Expired")), "the expiry is told");
    }

    [Fact]
    public async Task Open_however_often_ends_at_the_absolute_lifetime()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(Terms);
        for (var minute = 0; minute < 59; minute++)
        {
            cluster.Clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(SessionOutcome.Opened, (await session.OpenAsync()).Outcome);
        }

        cluster.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SessionOutcome.Gone, (await session.OpenAsync()).Outcome);
    }

    [Fact]
    public async Task Open_as_a_peek_does_not_extend()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(Terms);
        var due = (await session.OpenAsync()).ExpiresAt;
        cluster.Clock.Advance(TimeSpan.FromMinutes(9));

        Assert.Equal(due, (await session.OpenAsync(OpenMode.Peek)).ExpiresAt);

        cluster.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SessionOutcome.Gone, (await session.OpenAsync()).Outcome);
    }

    [Fact]
    public async Task Open_when_the_clock_moves_back_does_not_move_the_last_access_back()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(Terms);
        cluster.Clock.Advance(TimeSpan.FromMinutes(5));
        var due = (await session.OpenAsync()).ExpiresAt;

        cluster.Clock.AdjustTime(cluster.Clock.GetUtcNow() - TimeSpan.FromMinutes(3));

        Assert.Equal(due, (await session.OpenAsync()).ExpiresAt);
    }

    [Fact]
    public async Task Open_after_deactivation_keeps_the_last_access()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(Terms);
        cluster.Clock.Advance(TimeSpan.FromMinutes(1));
        var due = (await session.OpenAsync()).ExpiresAt;

        await cluster.DeactivateAsync(session.Id);

        Assert.Equal(due, (await session.OpenAsync(OpenMode.Peek)).ExpiresAt);
    }

    [Fact]
    public async Task Open_when_the_access_ran_ahead_by_the_touch_fraction_is_written_once()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(Terms);
        cluster.Clock.Advance(TimeSpan.FromMinutes(2));
        await session.OpenAsync();
        Assert.Equal(1, cluster.Store.CountsOf(session.GrainId).Writes);

        cluster.Clock.Advance(TimeSpan.FromSeconds(31));
        await session.OpenAsync();
        await session.OpenAsync();

        Assert.Equal(2, cluster.Store.CountsOf(session.GrainId).Writes);
    }

    [Theory]
    [InlineData(SessionDurability.WriteThrough)]
    [InlineData(SessionDurability.Volatile)]
    public async Task Timer_at_the_deadline_ends_the_session_without_any_call(SessionDurability durability)
    {
        // The real clock: the expiry timer is what is shown here.
        await using var cluster = await SessionCluster.StartAsync(1, null, static silo =>
            Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton(silo.Services, new SessionClock(TimeProvider.System)));
        var session = cluster.NewSession(new SessionTerms { IdleTimeout = TimeSpan.FromSeconds(1), AbsoluteLifetime = TimeSpan.FromSeconds(2), Durability = durability });
        var create = session.CreateRequest() with { IssuedAt = TimeProvider.System.GetUtcNow() };
        Assert.Equal(SessionOutcome.Created, (await session.Grain.CreateAsync(create)).Outcome);

        await SessionCluster.UntilAsync(() => Task.FromResult(cluster.Events.Of(session.Id).Contains("ended: Expired")), "the timer ends the session");

        Assert.Equal(SessionOutcome.Gone, (await session.OpenAsync()).Outcome);
    }

    [Fact]
    public async Task Terms_changed_by_a_commit_hold_from_then_on()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync(Terms);

        var reply = await session.Grain.CommitAsync(session.CommitRequest() with { NewTerms = Terms with { IdleTimeout = TimeSpan.FromMinutes(30) } });

        Assert.Equal(cluster.Clock.GetUtcNow() + TimeSpan.FromMinutes(30), reply.ExpiresAt);
        cluster.Clock.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(SessionOutcome.Opened, (await session.OpenAsync()).Outcome);
    }
}
