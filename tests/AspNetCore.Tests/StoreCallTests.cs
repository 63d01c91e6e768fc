using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ServerSession.Tests;

/// <summary>What a request costs at the store, by what it does with its session.</summary>
public sealed class StoreCallTests
{
    private static Task<TestApp> StartAsync() => TestApp.StartAsync(app =>
    {
        app.MapGet("/untouched", () => "ok");
        app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
        app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one"));
        app.MapGet("/read-set", async (HttpContext context) =>
        {
            var session = context.GetServerSession();
            var before = await session.GetAsync<string>("a");
            session.Set("a", before + "+");
        });
        app.MapGet("/remove", (HttpContext context) => context.GetServerSession().Remove("a"));
        app.MapGet("/increment", async (HttpContext context) => await context.GetServerSession().IncrementAsync("n"));
        app.MapGet("/injected", async (IServerSession session) => await session.GetAsync<string>("a") ?? "none");
    });

    [Theory]
    [InlineData("/untouched", "")]
    [InlineData("/read", "open")]
    [InlineData("/injected", "open")]
    [InlineData("/set", "commit")]
    [InlineData("/remove", "commit")]
    [InlineData("/read-set", "open,commit")]
    [InlineData("/increment", "commit")]
    public async Task Request_with_a_session_makes_the_fewest_calls(string path, string calls)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();

        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync(path, token)).StatusCode);

        Assert.Equal(calls, string.Join(',', app.Store.Calls));
    }

    [Theory]
    [InlineData("/untouched", "")]
    [InlineData("/read", "")]
    [InlineData("/remove", "")]
    [InlineData("/set", "create")]
    [InlineData("/read-set", "create")]
    [InlineData("/increment", "create")]
    public async Task Request_without_a_session_calls_only_to_create(string path, string calls)
    {
        await using var app = await StartAsync();

        var response = await app.SendAsync(path);

        Assert.Equal(calls, string.Join(',', app.Store.Calls));
        Assert.Equal(calls == "create", response.Token() is not null);
    }

    [Fact]
    public async Task Read_after_a_write_sees_it()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();

        await app.SendAsync("/read-set", token);

        Assert.Equal("one+", await app.GetTextAsync("/read", token));
    }

    [Theory]
    [InlineData("/set", "commit,create")]
    [InlineData("/increment", "commit,create")]
    [InlineData("/read-set", "open,create")]
    public async Task Write_on_a_session_that_is_gone_creates_one_under_a_fresh_id(string path, string calls)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var before = app.Store.Creates.Single().Id;
        app.Time.Advance(TimeSpan.FromHours(1));

        var response = await app.SendAsync(path, token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(calls, string.Join(',', app.Store.Calls));

        Assert.NotNull(response.Token());
        Assert.NotEqual(token, response.Token());
        Assert.NotEqual(before, app.Store.Creates.Last().Id);
    }
}
