using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>Typed values, atomic operations and what a request sees of its own changes.</summary>
public sealed class ValueTests
{
    private sealed record Cart(string Name, int[] Items);

    /// <summary>Runs a body as a request and hands its exception back to the test.</summary>
    private static async Task RunAsync(Func<IServerSession, Task> body, Func<IServerSession, Task>? before = null)
    {
        Exception? failure = null;
        await using var app = await TestApp.StartAsync(app =>
        {
            app.MapGet("/set", async (HttpContext context) =>
            {
                context.GetServerSession().Set("a", "one");
                await (before?.Invoke(context.GetServerSession()) ?? Task.CompletedTask);
            });
            app.MapGet("/", async (HttpContext context) => failure = await Record.ExceptionAsync(() => body(context.GetServerSession())));
        });
        var token = await app.NewSessionAsync();

        await app.SendAsync("/", token);

        if (failure is not null)
        {
            throw failure;
        }
    }

    [Fact]
    public Task Values_of_many_types_come_back() => RunAsync(
        static async session =>
        {
            Assert.Equal("one", await session.GetAsync<string>("a"));
            var cart = await session.GetAsync<Cart>("cart");
            Assert.Equal("mine", cart!.Name);
            Assert.Equal([1, 2], cart.Items);
            Assert.Equal(42, await session.GetAsync<int>("number"));
            Assert.Equal((true, null), await session.TryGetAsync<string>("null"));
            Assert.Equal((false, null), await session.TryGetAsync<string>("absent"));
            Assert.Equal(0, await session.GetAsync<int>("absent"));
            Assert.Equal(["a", "cart", "null", "number"], await session.GetKeysAsync());
        },
        static session =>
        {
            session.Set("cart", new Cart("mine", [1, 2]));
            session.Set("number", 42);
            session.Set<string?>("null", null);
            return Task.CompletedTask;
        });

    [Fact]
    public Task Changes_of_the_request_lie_over_the_session() => RunAsync(static async session =>
    {
        session.Set("b", "new");
        Assert.Equal("new", await session.GetAsync<string>("b"));
        Assert.Equal(["a", "b"], await session.GetKeysAsync());
        session.Remove("a");
        Assert.False(await session.ContainsAsync("a"));
        session.Set("a", "again");
        Assert.Equal("again", await session.GetAsync<string>("a"));
        session.Clear();
        Assert.Empty(await session.GetKeysAsync());
        Assert.Null(await session.GetAsync<string>("b"));
    });

    [Fact]
    public Task Flush_before_a_read_lets_it_see_the_committed_session() => RunAsync(static async session =>
    {
        await session.GetAsync<string>("a");
        session.Set("b", "two");
        await session.FlushAsync();
        Assert.Equal(["a", "b"], await session.GetKeysAsync());
    });

    [Fact]
    public Task Operation_that_is_atomic_is_answered_by_the_session_grain() => RunAsync(static async session =>
    {
        Assert.Equal(1, await session.IncrementAsync("n"));
        Assert.Equal(-4, await session.IncrementAsync("n", -5));
        Assert.Equal(-4, await session.GetAsync<long>("n"));
        Assert.Equal("mine", await session.GetOrSetAsync("g", "mine"));
        Assert.Equal("mine", await session.GetOrSetAsync("g", "other"));
        Assert.False(await session.CompareAndSetAsync("g", "wrong", "x"));
        Assert.True(await session.CompareAndSetAsync("g", "mine", "yours"));
        Assert.False(await session.TryAddAsync("g", "x"));
        Assert.True(await session.TryAddAsync("h", "x"));
        Assert.Equal((true, "yours"), await session.TakeAsync<string>("g"));
        Assert.Equal((false, null), await session.TakeAsync<string>("g"));
        Assert.Equal(1, await session.AppendAsync("l", "x", 2));
        Assert.Equal(2, await session.AppendAsync("l", "y", 2));
        Assert.Equal(2, await session.AppendAsync("l", "z", 2));
        Assert.Equal(["y", "z"], await session.GetListAsync<string>("l"));
        Assert.Empty(await session.GetListAsync<string>("absent"));
    });

    [Fact]
    public Task Operation_that_is_atomic_takes_the_buffered_changes_along() => RunAsync(static async session =>
    {
        session.Set("n", 10);
        Assert.Equal(11, await session.IncrementAsync("n"));
        Assert.Equal(11, await session.GetAsync<int>("n"));
    });

    [Fact]
    public Task Value_that_cannot_be_read_is_a_problem_of_its_key_only() => RunAsync(static async session =>
    {
        var exception = await Assert.ThrowsAsync<SessionValueException>(async () => await session.GetAsync<Cart>("a"));
        Assert.DoesNotContain("one", exception.Message, StringComparison.Ordinal);
        Assert.Null(exception.InnerException);
        Assert.False(exception.RefusedByGrain);
        Assert.Equal("one", await session.GetAsync<string>("a"));
        await Assert.ThrowsAsync<SessionValueException>(async () => await session.GetListAsync<string>("a"));
    });

    [Fact]
    public Task Value_that_cannot_be_serialized_is_refused_before_it_is_buffered() => RunAsync(static async session =>
    {
        Assert.Throws<SessionValueException>(() => session.Set<object>("bad", new { Self = (Func<int>)(static () => 1) }));
        Assert.Equal(["a"], await session.GetKeysAsync());
    });

    [Fact]
    public Task Key_that_is_empty_or_no_Unicode_is_refused_early() => RunAsync(static session =>
    {
        Assert.Throws<ArgumentException>(() => session.Set("", 1));
        Assert.Throws<ArgumentException>(() => session.Set("\ud800", 1));
        Assert.Throws<ArgumentException>(() => session.Remove(""));
        return Task.CompletedTask;
    });

    [Fact]
    public Task Limits_of_key_and_value_refuse_early() => RunAsync(static session =>
    {
        var key = Assert.Throws<SessionLimitException>(() => session.Set(new string('k', 257), 1));
        Assert.Equal(SessionLimit.KeyBytes, key.Limit);
        var value = Assert.Throws<SessionLimitException>(() => session.Set("v", new string('v', 70_000)));
        Assert.Equal(SessionLimit.ValueBytes, value.Limit);
        return Task.CompletedTask;
    });

    [Fact]
    public async Task Operation_that_is_refused_leaves_the_buffered_changes_for_the_response()
    {
        await using var app = await TestApp.StartAsync(static app =>
        {
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "text"));
            app.MapGet("/try", async (HttpContext context) =>
            {
                var session = context.GetServerSession();
                session.Set("b", "buffered");
                await Assert.ThrowsAsync<SessionValueException>(async () => await session.IncrementAsync("a"));
            });
            app.MapGet("/fail", async (HttpContext context) => await context.GetServerSession().IncrementAsync("a"));
            app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("b") ?? "none");
        });
        var token = await app.NewSessionAsync();

        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("/try", token)).StatusCode);
        Assert.Equal("buffered", await app.GetTextAsync("/read", token));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await app.SendAsync("/fail", token)).StatusCode);
    }

    [Fact]
    public async Task Tasks_of_one_request_in_parallel_open_once_and_lose_nothing()
    {
        await using var app = await TestApp.StartAsync(static app =>
        {
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one"));
            app.MapGet("/parallel", (HttpContext context) => Task.WhenAll(Enumerable.Range(0, 50).Select(index => Task.Run(async () =>
            {
                var session = context.GetServerSession();
                Assert.Equal("one", await session.GetAsync<string>("a"));
                session.Set($"key{index}", index);
                await session.IncrementAsync("n");
            }))));
            app.MapGet("/count", async (HttpContext context) =>
                $"{(await context.GetServerSession().GetKeysAsync()).Count} {await context.GetServerSession().GetAsync<int>("n")}");
        });
        var token = await app.NewSessionAsync();

        await app.SendAsync("/parallel", token);

        Assert.Equal(1, app.Store.Calls.Count(static call => call == "open"));
        Assert.Equal("52 50", await app.GetTextAsync("/count", token));
    }

    [Fact]
    public async Task SetTerms_on_create_and_later_changes_the_deadline()
    {
        await using var app = await TestApp.StartAsync(static app =>
        {
            app.MapGet("/set", (HttpContext context) =>
            {
                context.GetServerSession().SetTerms(new SessionTerms { IdleTimeout = TimeSpan.FromMinutes(1) });
                context.GetServerSession().Set("a", 1);
            });
            app.MapGet("/longer", (HttpContext context) => context.GetServerSession().SetTerms(new SessionTerms { IdleTimeout = TimeSpan.FromMinutes(5) }));
            app.MapGet("/remaining", async (HttpContext context) =>
            {
                await context.GetServerSession().ExistsAsync();
                return context.GetServerSession().Remaining;
            });
        });
        var token = await app.NewSessionAsync();

        Assert.Equal("\"00:01:00\"", await app.GetTextAsync("/remaining", token));
        await app.SendAsync("/longer", token);
        Assert.Equal("\"00:05:00\"", await app.GetTextAsync("/remaining", token));
    }

    [Fact]
    public async Task Administration_with_an_id_destroys_the_session()
    {
        await using var app = await TestApp.StartAsync(static app =>
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one")));
        await app.NewSessionAsync();
        var administration = app.Services.GetRequiredService<ISessionAdministration>();

        Assert.True(await administration.DestroyAsync(app.Store.Creates.Single().Id));
        Assert.False(await administration.DestroyAsync(app.Store.Creates.Single().Id));
    }
}
