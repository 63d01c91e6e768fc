using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Endings;

/// <summary>What a silo tells the frontends that watch its sessions, and what it forgets.</summary>
public class WatchTests
{
    [Fact]
    public async Task Watch_session_destroyed_tells_every_watching_frontend_once_and_forgets_the_session()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var other = await cluster.CreateAsync();
        TestFrontend one = new(cluster), two = new(cluster);
        var watchers = Watchers(cluster.Silos[0]);
        Assert.Equal(0, watchers.Count);
        var reply = await one.WatchAsync(session);
        await two.WatchAsync(session);
        await two.WatchAsync(other);

        Assert.Equal(SessionOutcome.Opened, reply.Session.Outcome);
        Assert.Null(reply.Session.Snapshot);
        Assert.NotEqual(Guid.Empty, reply.Link);
        Assert.Equal(3, watchers.Count);
        await session.DestroyAsync();

        Assert.Equal(new SessionNotice(session.Id, SessionNoticeKind.Ended), await one.NoticeAsync());
        Assert.Equal(new SessionNotice(session.Id, SessionNoticeKind.Ended), await two.NoticeAsync());
        Assert.Equal(1, watchers.Count);
        await UntilMessagesAsync(two);
        Assert.Empty(one.Rest().Concat(two.Rest()));
    }

    [Fact]
    public async Task Watch_session_gone_is_told_and_not_registered()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        await session.DestroyAsync();

        var reply = await new TestFrontend(cluster).WatchAsync(session);

        Assert.Equal(SessionOutcome.Gone, reply.Session.Outcome);
        Assert.Equal(Guid.Empty, reply.Link);
        Assert.Equal(0, Watchers(cluster.Silos[0]).Count);
    }

    [Fact]
    public async Task Watch_session_expires_by_itself_or_is_ended_by_an_administrator_tells_the_frontend()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var expiring = await cluster.CreateAsync(SessionTerms.Default with { IdleTimeout = TimeSpan.FromSeconds(1) });
        var administered = await cluster.CreateAsync();
        var frontend = new TestFrontend(cluster);
        var reply = await frontend.WatchAsync(expiring);
        await frontend.WatchAsync(administered);
        Assert.Equal(cluster.Clock.GetUtcNow().AddSeconds(1), reply.Session.ExpiresAt);

        await administered.Grain.DestroyAsync(new DestroySession());
        Assert.Equal(new SessionNotice(administered.Id, SessionNoticeKind.Ended), await frontend.NoticeAsync());
        cluster.Clock.Advance(TimeSpan.FromSeconds(2));

        // Nobody asks: the silo's own timer ends it.
        Assert.Equal(new SessionNotice(expiring.Id, SessionNoticeKind.Ended), await frontend.NoticeAsync());
    }

    [Fact]
    public async Task Watch_does_not_extend_the_session_and_follows_it_through_a_rotation()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var created = cluster.Clock.GetUtcNow();
        var frontend = new TestFrontend(cluster);
        var old = session.Verifier;
        cluster.Clock.Advance(TimeSpan.FromMinutes(15));

        Assert.Equal(created.AddMinutes(20), (await frontend.WatchAsync(session)).Session.ExpiresAt);
        await session.RotateAsync();
        var later = cluster.Clock.GetUtcNow();
        cluster.Clock.Advance(TimeSpan.FromMinutes(1));
        var stale = await session.Grain.WatchAsync(new WatchSession { Verifier = old.Hash() });

        Assert.Equal(SessionOutcome.Stale, stale.Session.Outcome);
        Assert.Equal(later.AddMinutes(20), stale.Session.ExpiresAt);
        Assert.Null(stale.Session.Snapshot);
        Assert.DoesNotContain("stale token", cluster.Events.Of(session.Id));
        await session.DestroyAsync();
        Assert.Equal(new SessionNotice(session.Id, SessionNoticeKind.Ended), await frontend.NoticeAsync());
    }

    [Fact]
    public async Task Notice_that_was_not_answered_is_told_again_and_many_changes_are_one_notice()
    {
        const int Changes = 300;
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var frontend = new TestFrontend(cluster);
        var blocked = new TaskCompletionSource<SessionId[]>();
        var arrived = new TaskCompletionSource();
        frontend.Answer = notices =>
        {
            arrived.TrySetResult();
            return blocked.Task;
        };
        await frontend.WatchAsync(session, changes: true);
        await session.SetAsync("n", "first");
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(90));

        for (var change = 0; change < Changes; change++)
        {
            await session.SetAsync("n", $"{change}");
        }

        await session.DestroyAsync();
        frontend.Answer = static _ => throw new InvalidOperationException("The frontend fails once.");
        var failed = frontend.Messages;
        blocked.SetResult([]);
        await SessionCluster.UntilAsync(() => Task.FromResult(frontend.Messages > failed), "a message failed");
        frontend.Answer = static _ => Task.FromResult<SessionId[]>([]);
        var ended = new SessionNotice(session.Id, SessionNoticeKind.Ended);
        var told = new List<SessionNotice>();
        while (told.Count(notice => notice == ended) < 2)
        {
            told.Add(await frontend.NoticeAsync());
        }

        Assert.InRange(told.Count(static notice => notice.Kind == SessionNoticeKind.Changed), 0, 2);
    }

    [Fact]
    public async Task Frontend_that_does_not_answer_is_dropped_with_its_registrations_and_others_are_told_meanwhile()
    {
        await using var cluster = await SessionCluster.StartAsync(silo: static silo => silo.Services.AddSingleton(
            new WatchLimits { SignOfLife = TimeSpan.FromMilliseconds(50), GiveUpAfter = TimeSpan.FromMilliseconds(300) }));
        var session = await cluster.CreateAsync();
        TestFrontend dead = new(cluster), alive = new(cluster);
        dead.Answer = static _ => throw new InvalidOperationException("The frontend is dead.");
        var watchers = Watchers(cluster.Silos[0]);
        await dead.WatchAsync(session);
        await alive.WatchAsync(session);

        await SessionCluster.UntilAsync(() =>
        {
            watchers.Sweep();
            return Task.FromResult(watchers.Count == 1);
        }, "the dead frontend's registration is gone");
        Assert.Equal(1, watchers.Frontends);
        await session.DestroyAsync();
        Assert.Equal(new SessionNotice(session.Id, SessionNoticeKind.Ended), await alive.NoticeAsync());

        // A frontend that comes back registers again, and is told.
        dead.Answer = static _ => Task.FromResult<SessionId[]>([]);
        var next = await cluster.CreateAsync();
        await dead.WatchAsync(next);
        await next.DestroyAsync();
        while (await dead.NoticeAsync() != new SessionNotice(next.Id, SessionNoticeKind.Ended))
        {
        }
    }

    /// <summary>Both links once had the silo's name: the heartbeats of the second hid that what the first watched was forgotten.</summary>
    [Fact]
    public async Task Link_that_was_given_up_because_too_many_notices_wait_is_followed_by_one_with_another_name()
    {
        await using var cluster = await SessionCluster.StartAsync(silo: static silo => silo.Services.AddSingleton(
            new WatchLimits { SignOfLife = TimeSpan.FromMilliseconds(50), NoticesWaiting = 1 }));
        var sessions = new[] { await cluster.CreateAsync(), await cluster.CreateAsync(), await cluster.CreateAsync() };
        var frontend = new TestFrontend(cluster);
        var arrived = new TaskCompletionSource();
        var held = new TaskCompletionSource<SessionId[]>();
        frontend.Answer = _ =>
        {
            arrived.TrySetResult();
            return held.Task;
        };
        var first = (await frontend.WatchAsync(sessions[0])).Link;
        await frontend.WatchAsync(sessions[1]);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(90));
        await sessions[0].DestroyAsync();
        await sessions[1].DestroyAsync();

        var second = (await frontend.WatchAsync(sessions[2])).Link;
        held.SetResult([]);
        frontend.Answer = static _ => Task.FromResult<SessionId[]>([]);
        await SessionCluster.UntilAsync(() => Task.FromResult(frontend.Links.LastOrDefault() == second), "messages come over the second link");

        Assert.NotEqual(first, second);
        Assert.Equal([first, second], frontend.Links.Distinct());
    }

    [Fact]
    public async Task Registration_not_renewed_ends_and_one_that_is_renewed_stays()
    {
        var ages = new SteadyAges();
        await using var cluster = await SessionCluster.StartAsync(silo: silo => silo.Services
            .AddSingleton(new WatchLimits { SignOfLife = TimeSpan.FromMilliseconds(50), RenewAfter = TimeSpan.FromSeconds(40) })
            .AddSingleton(services => new SessionClock(services.GetRequiredService<SessionCluster.SharedClock>().Time) { Monotonic = ages }));
        var renewed = await cluster.CreateAsync();
        var left = await cluster.CreateAsync();
        var frontend = new TestFrontend(cluster);
        var watchers = Watchers(cluster.Silos[0]);
        var link = (await frontend.WatchAsync(left)).Link;

        await SessionCluster.UntilAsync(async () =>
        {
            ages.Grow(TimeSpan.FromSeconds(10));
            Assert.Equal(link, (await frontend.WatchAsync(renewed)).Link);
            watchers.Sweep();
            return watchers.Count == 1;
        }, "the registration that was not renewed is gone");
        await renewed.DestroyAsync();

        Assert.Equal(new SessionNotice(renewed.Id, SessionNoticeKind.Ended), await frontend.NoticeAsync());
        await SessionCluster.UntilAsync(() => Task.FromResult(watchers.Frontends == 0), "a frontend that watches nothing costs no messages");
    }

    [Fact]
    public async Task Registrations_are_bounded_and_whoever_finds_no_place_is_told_to_ask_soon()
    {
        await using var cluster = await SessionCluster.StartAsync(silo: static silo => silo.Services.AddSingleton(new WatchLimits { Registrations = 2 }));
        var sessions = new[] { await cluster.CreateAsync(), await cluster.CreateAsync(), await cluster.CreateAsync() };
        var frontend = new TestFrontend(cluster);
        await frontend.WatchAsync(sessions[0]);
        await frontend.WatchAsync(sessions[1]);

        var refused = await frontend.WatchAsync(sessions[2]);

        Assert.Equal(SessionOutcome.Opened, refused.Session.Outcome);
        Assert.Equal((Guid.Empty, TimeSpan.FromSeconds(5)), (refused.Link, refused.AskAfter));
        Assert.NotEqual(Guid.Empty, (await frontend.WatchAsync(sessions[0])).Link);
        await sessions[1].DestroyAsync();
        Assert.NotEqual(Guid.Empty, (await frontend.WatchAsync(sessions[2])).Link);
        Assert.Equal(2, Watchers(cluster.Silos[0]).Count);
    }

    [Fact]
    public async Task Answer_that_the_session_is_not_watched_any_more_removes_the_registration_unless_it_is_a_newer_one()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var frontend = new TestFrontend(cluster);
        var watchers = Watchers(cluster.Silos[0]);
        await frontend.WatchAsync(session, changes: true);
        frontend.Answer = async notices =>
        {
            if (notices.Length > 0)
            {
                // Watched again after the message was sent.
                await frontend.WatchAsync(session, changes: true);
            }

            return [.. notices.Select(static notice => notice.Id)];
        };
        await session.SetAsync("n", "1");
        Assert.Equal(SessionNoticeKind.Changed, (await frontend.NoticeAsync()).Kind);
        await UntilMessagesAsync(frontend);
        Assert.Equal(1, watchers.Count);

        frontend.Answer = static notices => Task.FromResult<SessionId[]>([.. notices.Select(static notice => notice.Id)]);
        await session.SetAsync("n", "2");

        await SessionCluster.UntilAsync(() => Task.FromResult(watchers.Count == 0), "the registration is gone");
    }

    [Fact]
    public async Task Activation_that_leaves_memory_tells_the_frontend_to_ask_again_and_the_next_one_watches()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var session = await cluster.CreateAsync();
        var frontend = new TestFrontend(cluster);
        await frontend.WatchAsync(session);
        await cluster.DeactivateAsync(session.Id);

        Assert.Equal(new SessionNotice(session.Id, SessionNoticeKind.Moved), await frontend.NoticeAsync());
        Assert.Equal(0, Watchers(cluster.Silos[0]).Count);
        await frontend.WatchAsync(session);
        await session.DestroyAsync();
        Assert.Equal(new SessionNotice(session.Id, SessionNoticeKind.Ended), await frontend.NoticeAsync());
    }

    [Fact]
    public async Task Silo_that_stops_says_so_first_and_the_one_that_stays_watches()
    {
        await using var cluster = await SessionCluster.StartAsync(2);
        var session = await cluster.CreateAsync();
        var frontend = new TestFrontend(cluster);
        var link = (await frontend.WatchAsync(session)).Link;
        await cluster.StopAsync((await cluster.OwnerAsync(session.Id))!);

        Assert.Equal(link, await frontend.Left.Task.WaitAsync(TimeSpan.FromSeconds(90)));
        await SessionCluster.UntilAsync(
            async () =>
            {
                try
                {
                    return (await frontend.WatchAsync(session)).Link != Guid.Empty && Watchers(cluster.Silos[0]).Count == 1;
                }
                catch (Exception exception) when (exception is OrleansException or TimeoutException or SessionUnavailableException)
                {
                    return false;
                }
            },
            "the silo that stays watches");
        await SessionDriver.RetryAsync(() => session.Grain.DestroyAsync(new DestroySession { Verifier = session.Verifier.Hash() }));
        while (await frontend.NoticeAsync() is { Kind: not SessionNoticeKind.Ended })
        {
        }
    }

    internal static SessionWatchers Watchers(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<SessionWatchers>();

    /// <summary>Waits until two more messages have come to each frontend: what was posted before is told by then.</summary>
    private static async Task UntilMessagesAsync(params TestFrontend[] frontends)
    {
        foreach (var frontend in frontends)
        {
            var before = frontend.Messages;
            await SessionCluster.UntilAsync(() => Task.FromResult(frontend.Messages >= before + 2), "heartbeats come");
        }
    }
}
