using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ServerSession.Tests;

/// <summary><see cref="IBackgroundSession"/>: the session for work that goes on after the request.</summary>
public sealed class BackgroundSessionTests
{
    private IBackgroundSession? _background;

    private async Task<(TestApp App, string Token)> StartAsync(Action<ServerSessionOptions>? options = null)
    {
        var app = await TestApp.StartAsync(new TestSetup
        {
            Server = Server.Http1,
            Options = options ?? (static _ => { }),
            Inside = app =>
            {
                app.MapGet("/set", static (HttpContext context) => context.GetServerSession().Set("a", "one"));
                app.MapGet("/read", static async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
                app.MapGet("/rotate", static async (HttpContext context) => await context.GetServerSession().RotateAsync());
                app.MapGet("/destroy", static async (HttpContext context) => await context.GetServerSession().DestroyAsync());
                app.MapGet("/background", async (HttpContext context, string? set) =>
                {
                    if (set is not null)
                    {
                        context.GetServerSession().Set("a", set);
                    }

                    _background = await context.GetServerSession().CreateBackgroundSessionAsync();
                });
            },
        });
        var token = await app.NewSessionAsync();
        await app.SendAsync("/background", token);
        return (app, token);
    }

    [Fact]
    public async Task Operations_after_the_request_are_committed_when_they_return()
    {
        var (app, token) = await StartAsync();
        await using var _ = app;
        var session = _background!;
        app.Store.Calls.Clear();

        await session.SetAsync("a", "two");
        Assert.Equal("two", await app.GetTextAsync("/read", token));
        Assert.Equal((true, "two"), await session.TryGetAsync<string>("a"));
        Assert.Equal(5, await session.IncrementAsync("n", 5));
        Assert.Equal("two", await session.GetOrSetAsync("a", "other"));
        Assert.True(await session.CompareAndSetAsync("a", "two", "three"));
        Assert.False(await session.CompareAndSetAsync("a", "two", "four"));
        Assert.False(await session.TryAddAsync("a", "five"));
        Assert.True(await session.TryAddAsync("b", "six"));
        Assert.Equal((true, "six"), await session.TakeAsync<string>("b"));
        Assert.Equal((false, null), await session.TakeAsync<string>("b"));
        Assert.Equal(1, await session.AppendAsync("list", "x", 3));
        Assert.Equal(["x"], await session.GetListAsync<string>("list"));
        Assert.Equal(["a", "list", "n"], await session.GetKeysAsync());
        await session.RemoveAsync("n");
        Assert.Equal(["a", "list"], await session.GetKeysAsync());
        Assert.True(await session.ExistsAsync());
        Assert.Equal("three", await app.GetTextAsync("/read", token));
        await session.ClearAsync();
        Assert.Empty(await session.GetKeysAsync());
        Assert.Equal("none", await app.GetTextAsync("/read", token));
        Assert.Equal(app.Store.Creates.Single().Id, session.Id);
    }

    [Fact]
    public async Task Reads_see_what_others_write_meanwhile()
    {
        var (app, token) = await StartAsync();
        await using var _ = app;
        Assert.Equal("one", await _background!.GetAsync<string>("a"));

        await app.SendAsync("/background?set=two", token);

        Assert.Equal("two", await _background.GetAsync<string>("a"));
    }

    [Fact]
    public async Task Create_with_buffered_changes_commits_them_first()
    {
        var (app, token) = await StartAsync();
        await using var _ = app;
        app.Store.Calls.Clear();

        await app.SendAsync("/background?set=buffered", token);

        Assert.Equal("buffered", await _background!.GetAsync<string>("a"));
        Assert.Single(app.Store.TakeCalls(), "commit");
    }

    [Fact]
    public async Task Create_without_a_session_gives_none_and_gives_one_after_a_first_write()
    {
        var (app, _) = await StartAsync();
        await using var __ = app;

        await app.SendAsync("/background");
        Assert.Null(_background);

        var response = await app.SendAsync("/background?set=first");
        Assert.NotNull(response.Token());
        Assert.Equal("first", await _background!.GetAsync<string>("a"));
    }

    [Fact]
    public async Task Operations_extend_nothing()
    {
        var (app, token) = await StartAsync();
        await using var _ = app;
        app.Time.Advance(TimeSpan.FromMinutes(19));
        await _background!.IncrementAsync("n");
        Assert.Equal("one", await _background.GetAsync<string>("a"));
        app.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.False(await _background.ExistsAsync());
        Assert.Equal("none", await app.GetTextAsync("/read", token));
    }

    [Theory]
    [InlineData("/destroy", SessionOutcome.Gone)]
    [InlineData("/rotate", SessionOutcome.Stale)]
    public async Task Operations_after_the_session_ended_or_rotated_find_nothing_and_write_nothing(string path, SessionOutcome outcome)
    {
        var (app, token) = await StartAsync();
        await using var _ = app;
        var rotated = (await app.SendAsync(path, token)).Token();
        var creates = app.Store.Creates.Count;

        Assert.False(await _background!.ExistsAsync());
        Assert.Null(await _background.GetAsync<string>("a"));
        Assert.Empty(await _background.GetKeysAsync());
        Assert.Equal(outcome, (await Assert.ThrowsAsync<SessionEndedException>(async () => await _background.SetAsync("a", "late"))).Outcome);
        Assert.Equal(outcome, (await Assert.ThrowsAsync<SessionEndedException>(async () => await _background.IncrementAsync("n"))).Outcome);
        Assert.Equal(outcome, (await Assert.ThrowsAsync<SessionEndedException>(async () => await _background.RemoveAsync("a"))).Outcome);
        Assert.Equal(creates, app.Store.Creates.Count);
        Assert.Equal(rotated is null ? "none" : "one", await app.GetTextAsync("/read", rotated ?? token));
    }

    [Fact]
    public async Task Operations_while_the_store_fails_are_unavailable_whatever_the_policy()
    {
        var (app, _) = await StartAsync(static options => options.OnUnavailable = UnavailablePolicy.Degrade);
        await using var __ = app;
        app.Store.Before = static _ => throw new InvalidDataException("a broken store");

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await _background!.GetAsync<string>("a"));
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await _background!.SetAsync("a", "lost"));
    }

    [Fact]
    public async Task Operations_over_a_limit_are_refused()
    {
        var (app, token) = await StartAsync();
        await using var _ = app;

        await Assert.ThrowsAsync<SessionLimitException>(async () => await _background!.SetAsync("a", new string('x', 70_000)));
        await Assert.ThrowsAsync<SessionLimitException>(async () => await _background!.SetAsync(new string('k', 300), "x"));
        await Assert.ThrowsAsync<ArgumentException>(async () => await _background!.SetAsync("", "x"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _background!.AppendAsync("list", "x", 0));
        Assert.True((await Assert.ThrowsAsync<SessionValueException>(async () => await _background!.IncrementAsync("a"))).RefusedByGrain);

        var read = await app.SendAsync("/read", token);
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
    }
}
