using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ServerSession.Tests;

/// <summary>What a request gets whose session has ended, or whose token was replaced: a fresh session, or 409; never the dead one, never a lock-out.</summary>
public sealed class EndedSessionTests
{
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private TaskCompletionSource _entered = New();
    private TaskCompletionSource _go = New();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task<TestApp> StartAsync(Server server = Server.Memory) => TestApp.StartAsync(new TestSetup
    {
        Server = server,
        Options = static options => options.Header = "Session-Token",
        Inside = Map,
    });

    private void Map(WebApplication app)
    {
        // The tutorial of the README.
        app.MapGet("/", static async (HttpContext context) => $"You have been here {await context.GetServerSession().IncrementAsync("visits")} times.");
        app.MapPost("/login/{name}", static async (string name, HttpContext context) =>
        {
            var session = context.GetServerSession();
            session.Set("user", name);
            await session.RotateAsync();
            return Results.NoContent();
        });
        app.MapGet("/me", static async (HttpContext context) =>
            await context.GetServerSession().GetAsync<string>("user") is { } user ? Results.Text(user) : Results.Unauthorized());
        app.MapPost("/logout", static async (HttpContext context) =>
        {
            await context.GetServerSession().DestroyAsync();
            return Results.NoContent();
        });

        app.MapGet("/set", static (HttpContext context) => context.GetServerSession().Set("secret", "of the dead"));
        app.MapGet("/rotate", static async (HttpContext context) => await context.GetServerSession().RotateAsync());
        app.MapGet("/keys", static async (HttpContext context) => $"{string.Join(',', await context.GetServerSession().GetKeysAsync())}");
        app.MapGet("/read-set", static async (HttpContext context) =>
        {
            await context.GetServerSession().GetAsync<string>("a");
            context.GetServerSession().Set("a", "one");
        });
        app.MapGet("/wait", async (HttpContext context, string then) =>
        {
            var session = context.GetServerSession();
            await session.GetKeysAsync();
            _entered.SetResult();
            await _go.Task;
            await SessionMembers.OfServerSession[then](session);
        });
        foreach (var (name, call) in SessionMembers.OfServerSession)
        {
            app.MapGet($"/member/{name}", (HttpContext context) => call(context.GetServerSession()));
            app.MapGet($"/read-member/{name}", async (HttpContext context) =>
            {
                await context.GetServerSession().ExistsAsync();
                await call(context.GetServerSession());
            });
        }
    }

    /// <summary>After the idle timeout the tutorial's first page was 409 for ever, with the same cookie.</summary>
    [Theory]
    [InlineData(Server.Memory)]
    [InlineData(Server.Http1)]
    [InlineData(Server.Http2)]
    public async Task Tutorial_after_the_idle_timeout_starts_again(Server server)
    {
        await using var app = await StartAsync(server);
        var token = (await app.SendAsync("/")).Token();
        Assert.Equal("You have been here 2 times.", await app.GetTextAsync("/", token));
        app.Time.Advance(IdleTimeout);

        var response = await app.SendAsync("/", token);

        Assert.Equal("You have been here 1 times.", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.NotEqual(token, response.Token());
        Assert.Equal("You have been here 2 times.", await app.GetTextAsync("/", response.Token()));
    }

    [Fact]
    public async Task Tutorial_login_after_the_idle_timeout_signs_in()
    {
        await using var app = await StartAsync();
        var token = (await app.SendAsync("/")).Token();
        app.Time.Advance(IdleTimeout);

        var login = await app.SendAsync("/login/ann", token, HttpMethod.Post);

        Assert.Equal(HttpStatusCode.NoContent, login.StatusCode);
        Assert.Equal("ann", await app.GetTextAsync("/me", login.Token()));
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.SendAsync("/me", token)).StatusCode);
    }

    [Fact]
    public async Task Tutorial_logout_after_the_idle_timeout_expires_the_cookie()
    {
        await using var app = await StartAsync();
        var token = (await app.SendAsync("/")).Token();
        app.Time.Advance(IdleTimeout);

        var logout = await app.SendAsync("/logout", token, HttpMethod.Post);

        Assert.Equal(HttpStatusCode.NoContent, logout.StatusCode);
        Assert.StartsWith("session=; expires=Thu, 01 Jan 1970", Assert.Single(logout.SetCookies()), StringComparison.Ordinal);
        Assert.True(logout.Headers.Contains("Clear-Site-Data"));
    }

    /// <summary>The dead session's data, id and token do not come back, whichever member writes first.</summary>
    [Theory]
    [InlineData("/member/Set", "a")]
    [InlineData("/member/IncrementAsync", "n")]
    [InlineData("/member/GetOrSetAsync", "b")]
    [InlineData("/member/TryAddAsync", "b")]
    [InlineData("/member/AppendAsync", "list")]
    [InlineData("/read-member/Set", "a")]
    [InlineData("/read-member/IncrementAsync", "n")]
    [InlineData("/read-member/AppendAsync", "list")]
    public async Task Write_when_the_session_is_gone_starts_a_fresh_one_with_only_that(string path, string keys)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        app.Time.Advance(IdleTimeout);

        var response = await app.SendAsync(path, token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotNull(response.Token());
        Assert.NotEqual(token, response.Token());
        Assert.Equal(keys, await app.GetTextAsync("/keys", response.Token()));
        Assert.Equal(2, app.Store.Creates.Select(static create => create.Id).Distinct().Count());
        Assert.Equal("", await app.GetTextAsync("/keys", token));
    }

    [Theory]
    [InlineData("Remove")]
    [InlineData("Clear")]
    [InlineData("CompareAndSetAsync")]
    [InlineData("TakeAsync")]
    [InlineData("RotateAsync")]
    [InlineData("SetTerms")]
    [InlineData("FlushAsync")]
    [InlineData("CreateBackgroundSessionAsync")]
    public async Task Change_that_needs_a_session_does_nothing_when_it_is_gone(string member)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        app.Time.Advance(IdleTimeout);

        foreach (var path in new[] { $"/member/{member}", $"/read-member/{member}" })
        {
            var response = await app.SendAsync(path, token);

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Empty(response.SetCookies());
        }

        Assert.Single(app.Store.Creates);
    }

    [Theory]
    [InlineData("Set")]
    [InlineData("Remove")]
    [InlineData("Clear")]
    [InlineData("IncrementAsync")]
    [InlineData("TakeAsync")]
    [InlineData("RotateAsync")]
    [InlineData("SetTerms")]
    public async Task Change_when_the_session_is_gone_after_it_was_seen_alive_is_409_and_leaves_the_cookie(string member)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var waiting = app.SendAsync($"/wait?then={member}", token);
        await _entered.Task.WithinLimit("the request has seen the session");
        app.Time.Advance(IdleTimeout);
        _go.SetResult();

        var response = await waiting;

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Empty(response.SetCookies());
        var problem = await response.ProblemAsync();
        Assert.Equal("The session has ended", problem.GetProperty("title").GetString());
        Assert.Contains("Send the request again", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Single(app.Store.Creates);
    }

    [Fact]
    public async Task Destroy_when_the_session_is_gone_after_it_was_seen_alive_expires_the_cookie()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var waiting = app.SendAsync("/wait?then=DestroyAsync", token);
        await _entered.Task.WithinLimit("the request has seen the session");
        app.Time.Advance(IdleTimeout);
        _go.SetResult();

        var response = await waiting;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("session=;", Assert.Single(response.SetCookies()), StringComparison.Ordinal);
    }

    public static TheoryData<string, bool> ChangesWithinTheGrace => new(
        from member in new[] { "Set", "Remove", "Clear", "IncrementAsync", "GetOrSetAsync", "TryAddAsync", "TakeAsync", "CompareAndSetAsync", "AppendAsync", "RotateAsync", "SetTerms" }
        from read in new[] { true, false }
        select (member, read));

    /// <summary>A parallel sign-in has just handed out a better cookie, which a new session's would replace.</summary>
    [Theory]
    [MemberData(nameof(ChangesWithinTheGrace))]
    public async Task Change_with_a_token_just_replaced_is_409_and_leaves_the_cookie(string member, bool read)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var better = (await app.SendAsync("/rotate", token)).Token();
        app.Time.Advance(Grace);

        var response = await app.SendAsync($"/{(read ? "read-member" : "member")}/{member}", token);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Empty(response.SetCookies());
        var problem = await response.ProblemAsync();
        Assert.Equal("The session's token was replaced", problem.GetProperty("title").GetString());
        Assert.Contains("Send the request again with the new token", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Single(app.Store.Creates);
        Assert.Equal("", await app.GetTextAsync("/keys", token));
        Assert.Equal("secret", await app.GetTextAsync("/keys", better));
    }

    [Theory]
    [InlineData("Set", "a")]
    [InlineData("IncrementAsync", "n")]
    public async Task Change_with_a_token_replaced_before_the_grace_starts_a_fresh_session(string member, string keys)
    {
        await using var app = await StartAsync();
        foreach (var path in new[] { $"/member/{member}", $"/read-member/{member}" })
        {
            var token = await app.NewSessionAsync();
            var better = (await app.SendAsync("/rotate", token)).Token();
            app.Time.Advance(Grace + TimeSpan.FromTicks(1));

            var response = await app.SendAsync(path, token);

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(keys, await app.GetTextAsync("/keys", response.Token()));
            Assert.Equal("secret", await app.GetTextAsync("/keys", better));
        }
    }

    [Theory]
    [InlineData(true, HttpStatusCode.Conflict)]
    [InlineData(false, HttpStatusCode.OK)]
    public async Task Destroy_with_a_replaced_token_expires_the_cookie_and_ends_nothing(bool withinGrace, HttpStatusCode status)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var better = (await app.SendAsync("/rotate", token)).Token();
        app.Time.Advance(withinGrace ? Grace : Grace * 2);

        var response = await app.SendAsync("/member/DestroyAsync", token);

        Assert.Equal(status, response.StatusCode);
        Assert.StartsWith("session=;", Assert.Single(response.SetCookies()), StringComparison.Ordinal);
        Assert.Equal("secret", await app.GetTextAsync("/keys", better));
    }

    [Theory]
    [InlineData("session=junk", 1)]
    [InlineData("session=", 1)]
    [InlineData("other=1", 0)]
    [InlineData("xsession=1", 0)]
    public async Task Destroy_without_a_session_expires_the_cookie_that_came(string cookies, int expired)
    {
        await using var app = await StartAsync();

        var response = await app.SendAsync("/logout", method: HttpMethod.Post, headers: headers => headers.TryAddWithoutValidation("Cookie", cookies));

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(expired, response.SetCookies().Length);
        Assert.Empty(app.Store.Calls);
    }

    [Fact]
    public async Task Destroy_of_a_headers_token_writes_no_cookie()
    {
        await using var app = await StartAsync();

        var response = await app.SendAsync("/logout", "junk", HttpMethod.Post, static headers => headers.Add("Session-Token", "junk"));

        Assert.Empty(response.SetCookies());
    }

    [Fact]
    public async Task Destroy_that_is_unavailable_leaves_the_cookie()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        app.Store.Before = static _ => throw new SessionUnavailableException();

        var response = await app.SendAsync("/logout", token, HttpMethod.Post);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Empty(response.SetCookies());
    }
}
