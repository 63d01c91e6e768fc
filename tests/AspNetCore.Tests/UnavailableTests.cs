using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ServerSession.Tests;

/// <summary>The policies for a session that cannot be reached, and the repeats of a create.</summary>
public sealed class UnavailableTests
{
    private static void Map(WebApplication app)
    {
        app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one"));
        app.MapGet("/read", async (HttpContext context) =>
        {
            var session = context.GetServerSession();
            var value = await session.GetAsync<string>("a") ?? "none";
            return $"{value} {session.IsDegraded}";
        });
        app.MapGet("/read-set", async (HttpContext context) =>
        {
            var session = context.GetServerSession();
            var value = await session.GetAsync<string>("a") ?? "none";
            session.Set("a", "two");
            return $"{value} {session.IsDegraded}";
        });
        app.MapGet("/increment", async (HttpContext context) => await context.GetServerSession().IncrementAsync("n"));
        app.MapGet("/rotate", async (HttpContext context) => await context.GetServerSession().RotateAsync());
        app.MapGet("/destroy", async (HttpContext context) => await context.GetServerSession().DestroyAsync());
        app.MapGet("/caught", async (HttpContext context) =>
        {
            var session = context.GetServerSession();
            session.Set("a", "two");
            await Record.ExceptionAsync(async () => await session.IncrementAsync("n"));
            return "looks fine";
        });
        app.MapGet("/untouched", static () => "fine");
    }

    private static Task<TestApp> StartAsync(UnavailablePolicy policy) =>
        TestApp.StartAsync(new TestSetup { Inside = Map, Options = options => options.OnUnavailable = policy });

    private static Task Unavailable(string operation) => throw new SessionUnavailableException();

    [Theory]
    [InlineData("/set")]
    [InlineData("/read")]
    [InlineData("/read-set")]
    [InlineData("/increment")]
    [InlineData("/rotate")]
    [InlineData("/destroy")]
    [InlineData("/caught")]
    public async Task Fail_while_the_store_is_unavailable_is_503_with_retry_after(string path)
    {
        await using var app = await StartAsync(UnavailablePolicy.Fail);
        var token = await app.NewSessionAsync();
        app.Store.Before = Unavailable;

        var response = await app.SendAsync(path, token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("2", response.Headers.GetValues("Retry-After").Single());
        Assert.Empty(response.SetCookies());
    }

    [Fact]
    public async Task Fail_while_the_store_is_unavailable_harms_no_request_that_leaves_the_session_alone()
    {
        await using var app = await StartAsync(UnavailablePolicy.Fail);
        var token = await app.NewSessionAsync();
        app.Store.Before = Unavailable;

        Assert.Equal("fine", await app.GetTextAsync("/untouched", token));
    }

    [Theory]
    [InlineData("/read", "none True")]
    [InlineData("/read-set", "none True")]
    [InlineData("/set", "")]
    public async Task Degrade_while_the_store_is_unavailable_goes_on_without_a_session(string path, string expected)
    {
        await using var app = await StartAsync(UnavailablePolicy.Degrade);
        var token = await app.NewSessionAsync();
        app.Store.Before = Unavailable;

        var response = await app.SendAsync(path, token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Empty(response.SetCookies());
        app.Store.Before = static _ => Task.CompletedTask;
        Assert.Equal("one False", await app.GetTextAsync("/read", token));
    }

    [Theory]
    [InlineData("/increment")]
    [InlineData("/rotate")]
    [InlineData("/destroy")]
    public async Task Degrade_of_an_operation_with_an_answer_is_503(string path)
    {
        await using var app = await StartAsync(UnavailablePolicy.Degrade);
        var token = await app.NewSessionAsync();
        app.Store.Before = Unavailable;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.SendAsync(path, token)).StatusCode);
    }

    [Fact]
    public async Task Create_whose_outcome_is_unknown_is_abandoned_for_a_fresh_id()
    {
        await using var app = await TestApp.StartAsync(new TestSetup { Inside = Map, Options = static options => options.RetryBudget = TimeSpan.FromSeconds(6) });
        var first = true;
        app.Store.After = (operation, reply) =>
        {
            if (operation == "create" && first)
            {
                first = false;
                throw new SessionUnavailableException("The reply was lost.");
            }

            return reply;
        };

        var answer = app.SendAsync("/set");
        app.Time.Advance(await app.Time.WaitedAsync(atMost: TimeSpan.FromSeconds(1)));

        Assert.Equal("one False", await app.GetTextAsync("/read", (await answer).Token()));
        var creates = app.Store.Creates.ToArray();
        Assert.Equal(2, creates.Length);
        Assert.NotEqual(creates[0].Id, creates[1].Id);
        Assert.NotEqual(creates[0].Request.Verifier, creates[1].Request.Verifier);
    }
}
