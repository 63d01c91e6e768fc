using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using static ServerSession.Tests.TicketApp;

namespace ServerSession.Tests;

/// <summary>Tickets of cookie authentication in sessions: what is written when, what ends them, and that they stay ended.</summary>
public sealed class TicketTests
{
    [Fact]
    public async Task Sign_in_keeps_the_ticket_in_a_session_and_the_cookie_holds_its_key_only()
    {
        await using var app = await StartAsync();
        var (_, cookie) = await SignInAsync(app, "ada", claims: 200);

        Assert.Equal(["create"], app.Store.TakeCalls());
        Assert.InRange(cookie.Length, 100, 800);
        Assert.Equal("ada 200", (await SendAsync(app, "GET", "/me", cookie)).Body);
    }

    [Fact]
    public async Task Request_of_a_signed_in_user_opens_once_and_writes_nothing_however_old_the_ticket_is()
    {
        await using var app = await StartAsync();
        var (_, cookie) = await SignInAsync(app, "ada");
        app.Store.TakeCalls();

        for (var request = 0; request < 8; request++)
        {
            app.Time.Advance(TimeSpan.FromMinutes(15));
            var (status, body, set) = await SendAsync(app, "GET", "/me", cookie);
            Assert.Equal((HttpStatusCode.OK, "ada 1", null), (status, body, set));
        }

        Assert.All(app.Store.TakeCalls(), static call => Assert.Equal("open", call));
        app.Time.Advance(TimeSpan.FromMinutes(21));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(app, "GET", "/me", cookie)).Status);
    }

    [Fact]
    public async Task Request_with_a_persistent_cookie_renews_it_after_half_of_its_time_and_writes_the_times_only()
    {
        await using var app = await StartAsync();
        var (_, cookie) = await SignInAsync(app, "ada", persistent: true);
        app.Store.TakeCalls();

        app.Time.Advance(TimeSpan.FromMinutes(9));
        Assert.Null((await SendAsync(app, "GET", "/me", cookie)).Cookie);
        app.Time.Advance(TimeSpan.FromMinutes(2));
        var renewed = (await SendAsync(app, "GET", "/me", cookie)).Cookie;

        Assert.NotNull(renewed);
        Assert.Equal(["open", "open", "commit"], app.Store.TakeCalls());
        var commit = Assert.Single(app.Store.Commits);
        Assert.Equal(["times"], commit.Changes.Select(static change => change.Key));
        Assert.Null(commit.NewTerms);
        app.Time.Advance(TimeSpan.FromMinutes(19));
        Assert.Equal("ada 1", (await SendAsync(app, "GET", "/me", cookie)).Body);
    }

    [Fact]
    public async Task Ticket_with_sliding_expiration_ends_at_its_absolute_lifetime_however_often_it_is_used()
    {
        await using var app = await StartAsync(tickets: static tickets => tickets.AbsoluteLifetime = TimeSpan.FromHours(1));
        var (_, cookie) = await SignInAsync(app, "ada");

        for (var minutes = 0; minutes < 55; minutes += 11)
        {
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(app, "GET", "/me", cookie)).Status);
            app.Time.Advance(TimeSpan.FromMinutes(11));
        }

        app.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(app, "GET", "/me", cookie)).Status);
        Assert.Equal(0, app.Store.Count);
    }

    [Fact]
    public async Task Ticket_without_sliding_expiration_ends_at_its_time_although_it_is_used()
    {
        await using var app = await StartAsync(cookies: static options => options.SlidingExpiration = false);
        var (_, cookie) = await SignInAsync(app, "ada");

        app.Time.Advance(TimeSpan.FromMinutes(19));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(app, "GET", "/me", cookie)).Status);
        app.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(app, "GET", "/me", cookie)).Status);
    }

    [Fact]
    public async Task Sign_in_of_a_signed_in_user_gives_a_new_key_and_ends_the_old_one()
    {
        await using var app = await StartAsync();
        var (_, first) = await SignInAsync(app, "ada");
        var (_, second) = await SignInAsync(app, "bob", first);

        Assert.NotEqual(KeyIn(app, first), KeyIn(app, second));
        Assert.Equal("bob 1", (await SendAsync(app, "GET", "/me", second)).Body);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(app, "GET", "/me", first)).Status);
        Assert.Equal(1, app.Store.Count);
    }

    [Fact]
    public async Task Sign_in_twice_in_one_request_leaves_one_ticket_and_its_cookie()
    {
        await using var app = await StartAsync();
        var (_, cookie) = await SignInAsync(app, "twice");

        Assert.Equal("twice 1", (await SendAsync(app, "GET", "/me", cookie)).Body);
        Assert.Equal(1, app.Store.Count);
    }

    [Fact]
    public async Task Sign_in_and_out_in_one_request_leaves_no_ticket()
    {
        await using var app = await StartAsync();
        var (_, old) = await SignInAsync(app, "ada");
        await SendAsync(app, "POST", "/in-and-out", old);

        Assert.Equal(0, app.Store.Count);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(app, "GET", "/me", old)).Status);
    }

    [Fact]
    public async Task Sign_out_ends_the_ticket_for_every_copy_of_the_cookie()
    {
        await using var app = await StartAsync();
        var (_, cookie) = await SignInAsync(app, "ada");
        await SendAsync(app, "POST", "/signout", cookie);

        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(app, "GET", "/me", cookie)).Status);
        Assert.Equal(0, app.Store.Count);
    }

    /// <summary>Stores that upsert bring a ticket back here: the slow request renews what the sign-out has removed.</summary>
    [Fact]
    public async Task Renewal_by_a_slow_request_after_the_sign_out_brings_nothing_back()
    {
        var (entered, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var app = await StartAsync(cookies: options => options.Events.OnValidatePrincipal = async context =>
        {
            if (context.Request.Path == "/slow")
            {
                context.ShouldRenew = true;
                entered.SetResult();
                await release.Task;
            }
        });
        var (_, cookie) = await SignInAsync(app, "ada");

        var slow = SendAsync(app, "GET", "/slow", cookie);
        await entered.Task;
        await SendAsync(app, "POST", "/signout", cookie);
        release.SetResult();
        var late = (await slow).Cookie;

        Assert.Equal(["create", "open", "open", "destroy", "commit"], app.Store.TakeCalls());
        Assert.Equal(0, app.Store.Count);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(app, "GET", "/me", cookie)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(app, "GET", "/me", late)).Status);
    }

    [Fact]
    public async Task Renewal_with_another_principal_is_stored_and_keeps_the_time_span()
    {
        await using var app = await StartAsync(cookies: static options => options.Events.OnValidatePrincipal = static context =>
        {
            if (context.Request.Path == "/rename")
            {
                context.ReplacePrincipal(Principal("renamed", 1));
                context.ShouldRenew = true;
            }

            return Task.CompletedTask;
        });
        var (_, cookie) = await SignInAsync(app, "ada");
        for (var request = 0; request < 3; request++)
        {
            app.Time.Advance(TimeSpan.FromMinutes(15));
            await SendAsync(app, "GET", "/rename", cookie);
        }

        Assert.Equal("renamed 1", (await SendAsync(app, "GET", "/me", cookie)).Body);
        Assert.All(app.Store.Commits, static commit => Assert.Null(commit.NewTerms));
        app.Time.Advance(TimeSpan.FromMinutes(21));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(app, "GET", "/me", cookie)).Status);
    }

    /// <summary>Identity validates the security stamp by this time; a ticket that always looks new would never be validated.</summary>
    [Fact]
    public async Task Ticket_says_when_it_was_issued_not_when_it_was_used()
    {
        await using var app = await StartAsync();
        var issued = app.Time.GetUtcNow();
        var (_, cookie) = await SignInAsync(app, "ada");
        app.Time.Advance(TimeSpan.FromMinutes(15));
        await SendAsync(app, "GET", "/me", cookie);
        app.Time.Advance(TimeSpan.FromMinutes(15));

        Assert.Equal($"{issued:O} {app.Time.GetUtcNow() + TimeSpan.FromMinutes(20):O}", (await SendAsync(app, "GET", "/times", cookie)).Body);
    }

    [Fact]
    public async Task Events_of_a_registered_type_are_called()
    {
        await using var app = await StartAsync(
            cookies: static options => options.EventsType = typeof(CountingEvents),
            services: static services => services.AddSingleton<CountingEvents>());
        var (_, cookie) = await SignInAsync(app, "ada");
        var (_, second) = await SignInAsync(app, "ada", cookie);
        await SendAsync(app, "GET", "/me", second);
        await SendAsync(app, "POST", "/signout", second);

        var events = app.Services.GetRequiredService<CountingEvents>();
        Assert.Equal((2, 2, 1), (events.SignIns, events.SignedIns, events.SignOuts));
        Assert.True(events.Validations >= 1);
        Assert.NotEqual(KeyIn(app, cookie), KeyIn(app, second));
    }

    [Fact]
    public async Task Ticket_that_cannot_be_read_signs_the_user_out_with_a_warning()
    {
        await using var app = await StartAsync();
        var (_, cookie) = await SignInAsync(app, "ada");
        var (id, create) = Assert.Single(app.Store.Creates);
        await app.Store.CommitAsync(
            id,
            new CommitSession
            {
                Verifier = create.Verifier, Operation = OperationId.New(), IssuedAt = app.Time.GetUtcNow(), Changes = [SessionChange.Set("ticket", new byte[] { 5, 0, 0, 0, 9 })],
            },
            default);

        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(app, "GET", "/me", cookie)).Status);
        Assert.Contains(app.Logs.Lines, line => line.StartsWith("Warning TicketUnreadable", StringComparison.Ordinal) && line.Contains($"{id}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ticket_over_the_limit_is_refused_with_the_limit_and_signs_nobody_in()
    {
        await using var app = await StartAsync();
        var (status, cookie) = await SignInAsync(app, "ada", claims: 5_000);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Equal("", cookie);
    }

    [Theory]
    [InlineData("GET", "/me", "open")]
    [InlineData("POST", "/signout", "destroy")]
    [InlineData("POST", "/signin/bob", "create")]
    public async Task Request_in_an_outage_is_503_and_keeps_the_cookie(string method, string path, string operation)
    {
        await using var app = await StartAsync();
        var (_, cookie) = await SignInAsync(app, "ada");
        app.Store.Before = name => name == operation ? throw new SessionUnavailableException() : Task.CompletedTask;

        var (status, body, set) = await SendAsync(app, method, path, cookie);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("\"status\":503", body, StringComparison.Ordinal);
        Assert.Null(set);
        app.Store.Before = static _ => Task.CompletedTask;
        Assert.Equal("ada 1", (await SendAsync(app, "GET", "/me", cookie)).Body);
    }

    [Fact]
    public async Task Renewal_in_an_outage_leaves_the_answer_alone_and_is_made_up_for_by_the_next_request()
    {
        await using var app = await StartAsync();
        var (_, cookie) = await SignInAsync(app, "ada", persistent: true);
        app.Time.Advance(TimeSpan.FromMinutes(11));
        app.Store.Before = static name => name == "commit" ? throw new SessionUnavailableException() : Task.CompletedTask;

        Assert.Equal("ada 1", (await SendAsync(app, "GET", "/me", cookie)).Body);
        Assert.Contains(app.Logs.Lines, static line => line.StartsWith("Warning TicketNotRenewed", StringComparison.Ordinal));
        app.Store.Before = static _ => Task.CompletedTask;
        await SendAsync(app, "GET", "/me", cookie);
        app.Time.Advance(TimeSpan.FromMinutes(15));

        Assert.Equal("ada 1", (await SendAsync(app, "GET", "/me", cookie)).Body);
    }

    [Fact]
    public async Task Key_that_is_none_costs_no_call()
    {
        await using var app = await StartAsync();
        var store = Store(app);

        Assert.Null(await store.RetrieveAsync(""));
        Assert.Null(await store.RetrieveAsync(new string('A', SessionToken.EncodedLength)));
        await store.RenewAsync("no key", new AuthenticationTicket(Principal("ada", 1), CookieName));
        await store.RemoveAsync(SessionId.New().ToString());

        Assert.Empty(app.Store.TakeCalls());
    }

    [Fact]
    public async Task Store_without_a_request_keeps_renews_and_removes()
    {
        await using var app = await StartAsync();
        var store = Store(app);
        var key = await store.StoreAsync(new AuthenticationTicket(Principal("ada", 1), "Cookies"), TestContext.Current.CancellationToken);

        await store.RenewAsync(key, new AuthenticationTicket(Principal("eve", 2), "Cookies"), TestContext.Current.CancellationToken);
        Assert.Equal("eve", (await store.RetrieveAsync(key, TestContext.Current.CancellationToken))?.Principal.Identity?.Name);
        await store.RemoveAsync(key, TestContext.Current.CancellationToken);
        await store.RenewAsync(key, new AuthenticationTicket(Principal("ada", 1), "Cookies"));

        Assert.Null(await store.RetrieveAsync(key));
        Assert.Equal(0, app.Store.Count);
    }

    /// <summary>The results of renewals once stayed in the session's row for the whole operation window.</summary>
    [Fact]
    public async Task Renewal_names_the_first_commit_that_is_not_answered_so_that_the_session_forgets_the_ones_before()
    {
        await using var app = await StartAsync();
        var store = Store(app);
        var key = await store.StoreAsync(new AuthenticationTicket(Principal("ada", 1), "Cookies"), TestContext.Current.CancellationToken);
        app.Store.Commits.Clear();

        await store.RenewAsync(key, new AuthenticationTicket(Principal("eve", 2), "Cookies"), TestContext.Current.CancellationToken);
        await store.RenewAsync(key, new AuthenticationTicket(Principal("eve", 3), "Cookies"), TestContext.Current.CancellationToken);

        Assert.Equal(2, app.Store.Commits.Count);
        Assert.All(app.Store.Commits, static commit => Assert.Equal(commit.Operation.Sequence, commit.FirstUnanswered));
    }

    [Fact]
    public async Task Key_stands_nowhere_but_in_the_protected_cookie()
    {
        await using var app = await StartAsync();
        var (_, cookie) = await SignInAsync(app, "ada");
        await SendAsync(app, "GET", "/me", cookie);
        var (_, second) = await SignInAsync(app, "ada", cookie);
        await SendAsync(app, "POST", "/signout", second);

        string[] keys = [KeyIn(app, cookie), KeyIn(app, second)];
        Assert.All(keys, static key => Assert.Equal(SessionToken.EncodedLength, key.Length));
        Assert.NotEmpty(app.Logs.Lines);
        Assert.All(app.Logs.Lines, line => Assert.DoesNotContain(keys, key => line.Contains(key, StringComparison.Ordinal)));
        Assert.DoesNotContain(keys, key => cookie.Contains(key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_with_a_scheme_that_does_not_exist_names_the_one_that_does()
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => TestApp.StartAsync(new TestSetup
        {
            Services = static services => services.AddAuthentication().AddCookie("Shop"),
            Sessions = static sessions => sessions.AddTickets("shop", static tickets => tickets.AbsoluteLifetime = TimeSpan.Zero),
            Inside = static _ => { },
        }));

        Assert.Equal(2, refusal.Failures.Count());
        Assert.Contains("AddCookie(\"shop\"), or name one of \"Shop\".", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("AbsoluteLifetime of the tickets of \"shop\" is 00:00:00", refusal.Message, StringComparison.Ordinal);
    }
}
