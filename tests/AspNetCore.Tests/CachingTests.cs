using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>What depended on a session is in nobody's cache.</summary>
public sealed class CachingTests
{
    private static int _served;

    private static void Map(WebApplication app)
    {
        app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one"));
        app.MapGet("/plain", static () => Number()).CacheOutput();
        app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") + Number()).CacheOutput();
        app.MapGet("/late", async (HttpContext context) =>
        {
            await context.Response.WriteAsync(Number());
            await context.Response.WriteAsync(await context.GetServerSession().GetAsync<string>("a") ?? "none");
        }).CacheOutput();
        app.MapGet("/empty", async (HttpContext context) =>
        {
            await context.GetServerSession().GetAsync<string>("a");
            context.Response.Headers["X-Number"] = Number();
        }).CacheOutput();
        app.MapGet("/public", async (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "public, max-age=60";
            return await context.GetServerSession().GetAsync<string>("a") + Number();
        });
        app.MapGet("/own-vary", async (HttpContext context) =>
        {
            context.Response.Headers.Vary = "Accept";
            await context.GetServerSession().ExistsAsync();
        });
    }

    private static string Number() => Interlocked.Increment(ref _served).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static Task<TestApp> StartOutputCacheAsync(Server server, bool outside, bool usedBefore = false) => TestApp.StartAsync(new TestSetup
    {
        Server = server,
        Services = static services => services.AddOutputCache(),
        Outside = app =>
        {
            if (outside)
            {
                app.UseOutputCache();
            }
        },
        Inside = app =>
        {
            if (usedBefore)
            {
                app.Use(static async (context, next) =>
                {
                    await context.GetServerSession().ExistsAsync();
                    await next(context);
                });
            }

            if (!outside)
            {
                app.UseOutputCache();
            }

            Map(app);
        },
    });

    public static TheoryData<Server, bool, string> Dependents => new(
        from server in new[] { Server.Memory, Server.Http1 } from outside in new[] { true, false } from path in new[] { "/read", "/late" }
        select (server, outside, path));

    [Theory]
    [MemberData(nameof(Dependents))]
    public async Task Output_cache_does_not_store_a_response_that_depended_on_the_session(Server server, bool outside, string path)
    {
        await using var app = await StartOutputCacheAsync(server, outside);

        var anonymous = await app.GetTextAsync(path);

        Assert.NotEqual(anonymous, await app.GetTextAsync(path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Output_cache_does_not_store_an_empty_response_that_depended_on_the_session(bool outside)
    {
        await using var app = await StartOutputCacheAsync(Server.Memory, outside);

        var first = (await app.SendAsync("/empty")).Headers.GetValues("X-Number").Single();

        Assert.NotEqual(first, (await app.SendAsync("/empty")).Headers.GetValues("X-Number").Single());
    }

    [Fact]
    public async Task Output_cache_does_not_store_a_response_whose_session_was_used_before_it()
    {
        await using var app = await StartOutputCacheAsync(Server.Memory, outside: false, usedBefore: true);

        var first = await app.GetTextAsync("/plain");

        Assert.NotEqual(first, await app.GetTextAsync("/plain"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Output_cache_stores_a_response_that_did_not_touch_the_session(bool outside)
    {
        await using var app = await StartOutputCacheAsync(Server.Memory, outside);

        var first = await app.GetTextAsync("/plain");

        Assert.Equal(first, await app.GetTextAsync("/plain"));
    }

    [Theory]
    [InlineData("/read", "no-store", "Cookie")]
    [InlineData("/public", "public, max-age=60", "Cookie")]
    [InlineData("/own-vary", "no-store", "Accept,Cookie")]
    public async Task Headers_after_use_say_whose_the_response_is(string path, string cacheControl, string vary)
    {
        await using var app = await TestApp.StartAsync(new TestSetup { Services = static services => services.AddOutputCache(), Inside = Map });

        var response = await app.SendAsync(path);

        Assert.Equal(cacheControl, response.Headers.CacheControl?.ToString());
        Assert.Equal(vary, string.Join(',', response.Headers.Vary));
    }

    [Fact]
    public async Task Headers_of_a_response_that_did_not_touch_the_session_are_the_applications()
    {
        await using var app = await TestApp.StartAsync(new TestSetup { Services = static services => services.AddOutputCache(), Inside = Map });

        var response = await app.SendAsync("/plain");

        Assert.Null(response.Headers.CacheControl);
        Assert.Empty(response.Headers.Vary);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Response_caching_keeps_a_public_response_per_cookie(bool outside)
    {
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Services = static services => services.AddOutputCache().AddResponseCaching(),
            Outside = app =>
            {
                if (outside)
                {
                    app.UseResponseCaching();
                }
            },
            Inside = app =>
            {
                if (!outside)
                {
                    app.UseResponseCaching();
                }

                Map(app);
            },
        });
        var token = await app.NewSessionAsync();

        var mine = await app.GetTextAsync("/public", token);

        Assert.StartsWith("one", mine, StringComparison.Ordinal);
        Assert.DoesNotContain("one", await app.GetTextAsync("/public"), StringComparison.Ordinal);
    }
}
