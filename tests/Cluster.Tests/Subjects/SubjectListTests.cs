using Microsoft.Extensions.DependencyInjection;
using ServerSession.Tests.Expiry;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Subjects;

/// <summary>The list of a user's sessions: what stands on it, what leaves it, and what is left of it in the storage.</summary>
public class SubjectListTests
{
    private static readonly SessionTerms Short = new() { IdleTimeout = TimeSpan.FromMinutes(5), AbsoluteLifetime = TimeSpan.FromHours(1) };

    [Fact]
    public async Task Bind_lists_the_session_and_replaces_its_token_in_the_same_commit()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var user = new SubjectDriver(cluster);
        var session = await cluster.CreateAsync();
        var old = session.Verifier.Hash();
        cluster.Clock.Advance(TimeSpan.FromMinutes(1));

        var reply = await session.BindAsync(user.Change("phone"), session.CommitRequest(SessionDriver.Set("user", "ada")));

        Assert.Equal(SessionOutcome.Committed, reply.Outcome);
        Assert.True(reply.IsBound);
        Assert.Equal(SessionOutcome.Stale, (await session.Grain.OpenAsync(old, OpenMode.Touch)).Outcome);
        Assert.True((await session.OpenAsync()).IsBound);
        var listed = Assert.Single(await user.ListAsync());
        Assert.Equal(session.Id, listed.Id);
        Assert.Equal("phone", listed.Label);
        Assert.Equal(cluster.Clock.GetUtcNow(), listed.BoundAt);
        Assert.Equal(cluster.Clock.GetUtcNow() - TimeSpan.FromMinutes(1), listed.CreatedAt);
        Assert.Equal((await session.OpenAsync()).ExpiresAt, listed.ExpiresAt);
        await cluster.Events.HeardAsync(session.Id, "created", "rotated", $"bound: {user.Key}");
    }

    [Fact]
    public async Task Bound_session_is_bound_still_after_its_silo_was_killed()
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var user = new SubjectDriver(cluster);
        var session = await user.SignInAsync();

        await cluster.KillAsync((await cluster.OwnerAsync(session.Id))!);

        Assert.True((await session.OpenWithRetriesAsync()).IsBound);
        Assert.Equal([session.Id], await user.IdsAsync());
    }

    [Theory]
    [InlineData("destroy", "ended: Destroyed")]
    [InlineData("administrator", "ended: Administrator")]
    [InlineData("unbind", "rotated", "unbound: user")]
    [InlineData("other user", "rotated", "bound: other")]
    [InlineData("expiry", "ended: Expired")]
    public async Task Session_that_ends_or_is_unbound_leaves_the_list_and_no_row_is_left(string end, params string[] told)
    {
        await using var cluster = await SessionCluster.StartAsync();
        var user = new SubjectDriver(cluster);
        var other = new SubjectDriver(cluster);
        var session = await user.SignInAsync(Short);
        Assert.Equal(1, user.Rows);

        switch (end)
        {
            case "destroy": await session.DestroyAsync(); break;
            case "administrator": await session.Grain.DestroyAsync(new DestroySession()); break;
            case "unbind": Assert.False((await session.BindAsync(SubjectChange.Unbind)).IsBound); break;
            case "other user": await session.BindAsync(other.Change()); break;
            default: cluster.Clock.Advance(TimeSpan.FromMinutes(6)); await session.OpenAsync(); break;
        }

        // Without a look at the list, which would find out by itself.
        await SessionCluster.UntilAsync(() => Task.FromResult(user.Rows == (end == "other user" ? 1 : 0)), "the list has heard of it");
        Assert.Empty(await user.IdsAsync());
        var names = told.Select(what => what.Replace("user", $"{user.Key}", StringComparison.Ordinal).Replace("other", $"{other.Key}", StringComparison.Ordinal));
        await cluster.Events.HeardAsync(session.Id, ["created", "rotated", $"bound: {user.Key}", .. names]);
    }

    [Fact]
    public async Task End_one_ends_a_session_of_the_user_and_no_session_of_another()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var (user, stranger) = (new SubjectDriver(cluster), new SubjectDriver(cluster));
        var (one, other) = (await user.SignInAsync(), await user.SignInAsync());

        Assert.False(await stranger.Grain.EndOneAsync(one.Id));
        Assert.Equal(SessionOutcome.Opened, (await one.OpenAsync()).Outcome);
        Assert.True(await user.Grain.EndOneAsync(one.Id));
        Assert.False(await user.Grain.EndOneAsync(one.Id));

        Assert.Equal(SessionOutcome.Gone, (await one.OpenAsync()).Outcome);
        Assert.Equal([other.Id], await user.IdsAsync());
    }

    [Fact]
    public async Task End_others_leaves_the_one_that_was_named()
    {
        await using var cluster = await SessionCluster.StartAsync();
        var user = new SubjectDriver(cluster);
        var sessions = new[] { await user.SignInAsync(), await user.SignInAsync(), await user.SignInAsync() };

        Assert.Equal(2, await user.EndAllAsync(keep: sessions[1].Id));

        Assert.Equal([SessionOutcome.Gone, SessionOutcome.Opened, SessionOutcome.Gone], await OutcomesAsync(sessions));
        Assert.Equal([sessions[1].Id], await user.IdsAsync());

        // The one that stayed is still known after its activation and the list's were thrown away, and a later sign-in is not touched.
        await cluster.DeactivateAsync(sessions[1].Id);
        var later = await user.SignInAsync();
        Assert.Equal(SessionOutcome.Opened, (await sessions[1].OpenAsync()).Outcome);
        Assert.Equal(2, await user.EndAllAsync());
        Assert.Equal([SessionOutcome.Gone, SessionOutcome.Gone], await OutcomesAsync([sessions[1], later]));
        Assert.Equal(0, user.Rows);
    }

    /// <summary>Sessions in memory, without an activation, and volatile ones.</summary>
    [Fact]
    public async Task End_all_ends_every_session_and_leaves_no_row()
    {
        await using var cluster = await SessionCluster.StartAsync(3);
        var user = new SubjectDriver(cluster);
        var sessions = new List<SessionDriver>();
        foreach (var durability in new[] { SessionDurability.WriteThrough, SessionDurability.WriteBehind, SessionDurability.Volatile })
        {
            sessions.Add(await user.SignInAsync(Short with { Durability = durability }));
            sessions.Add(await user.SignInAsync(Short with { Durability = durability }));
        }

        await cluster.DeactivateAsync(sessions[0].Id);
        var stranger = await new SubjectDriver(cluster).SignInAsync();

        Assert.Equal(6, await user.EndAllAsync());

        Assert.All(await OutcomesAsync([.. sessions]), static outcome => Assert.Equal(SessionOutcome.Gone, outcome));
        Assert.Equal(SessionOutcome.Opened, (await stranger.OpenAsync()).Outcome);
        Assert.Equal(1, user.Rows);
        Assert.Contains("ended: Subject", cluster.Events.Of(sessions[0].Id));
    }

    /// <summary>Rows of some entries each: what a sign-in writes does not grow with the number of sessions.</summary>
    [Fact]
    public async Task List_of_many_sessions_is_paged_and_its_rows_stay_small()
    {
        await using var cluster = await SessionCluster.StartAsync(1, null, static silo => silo.Services.AddSingleton(new SubjectSizes(1024)));
        var user = new SubjectDriver(cluster);
        var sessions = new List<SessionDriver>();
        for (var number = 0; number < 100; number++)
        {
            sessions.Add(await user.SignInAsync(label: $"device {number}"));
        }

        Assert.True(cluster.Store.RowsOf("subject-segment").Count >= 4);
        Assert.All(cluster.Store.RowsOf("subject").Values.Concat(cluster.Store.RowsOf("subject-segment").Values), static row => Assert.InRange(row.Length, 1, 2048));
        Assert.Equal(sessions.Select(static session => session.Id).Reverse(), (await user.ListAsync(pageSize: 7)).Select(static session => session.Id));
        Assert.Equal(100, (await user.Grain.ListAsync(null, 1)).Count);

        foreach (var session in sessions.Where((_, number) => number % 3 == 0))
        {
            await session.DestroyAsync();
        }

        await SessionCluster.UntilAsync(async () => (await user.Grain.ListAsync(null, 1)).Count == 66, "the list has heard of the ends");
        Assert.Equal(sessions.Where((_, number) => number % 3 != 0).Select(static session => session.Id).Reverse(), await user.IdsAsync());
        Assert.Equal(66, await user.EndAllAsync());
        Assert.Equal(0, user.Rows);
    }

    /// <summary>What a process leaves that dies between the two rows of a bind: the clean-up finds it, also where the user never comes again.</summary>
    [Fact]
    public async Task Entry_without_its_session_leaves_the_storage_with_the_clean_up()
    {
        await using var cluster = await SessionCluster.StartAsync(1, static options => options.Expiry.Interval = TimeSpan.FromSeconds(1));
        var user = new SubjectDriver(cluster);
        var request = new ListSession
        {
            Session = SessionId.New(),
            CreatedAt = cluster.Clock.GetUtcNow(),
            ExpiresAt = cluster.Clock.GetUtcNow() + TimeSpan.FromMinutes(5),
            Change = user.Change(),
        };
        Assert.True((await user.Grain.AddAsync(request)).Number > 0);
        await using var next = await cluster.KillAndStartAsync();
        Assert.Equal(1, user.Rows);

        next.Clock.Advance(TimeSpan.FromMinutes(4));
        await next.SweepDueAsync();
        Assert.Equal(1, user.Rows);
        next.Clock.Advance(TimeSpan.FromMinutes(10));
        await next.SweepDueAsync();

        Assert.Empty(next.Store.RowsOf("subject"));
    }

    [Fact]
    public async Task Clean_up_leaves_the_list_of_a_session_that_lives_on()
    {
        await using var cluster = await SessionCluster.StartAsync(1, static options => options.Expiry.Interval = TimeSpan.FromSeconds(1));
        var user = new SubjectDriver(cluster);
        var session = await user.SignInAsync(Short);
        for (var minute = 0; minute < 20; minute += 4)
        {
            cluster.Clock.Advance(TimeSpan.FromMinutes(4));
            Assert.Equal(SessionOutcome.Opened, (await session.OpenAsync()).Outcome);
            await cluster.SweepDueAsync();
        }

        Assert.Equal([session.Id], await user.IdsAsync());
        cluster.Clock.Advance(TimeSpan.FromMinutes(30));
        await cluster.SweepDueAsync();
        cluster.Clock.Advance(TimeSpan.FromMinutes(30));
        await cluster.SweepDueAsync();
        Assert.Equal(0, user.Rows);
    }

    private static async Task<SessionOutcome[]> OutcomesAsync(params SessionDriver[] sessions) =>
        await Task.WhenAll(sessions.Select(static async session => (await session.OpenWithRetriesAsync()).Outcome));
}
