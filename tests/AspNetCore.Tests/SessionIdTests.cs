using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>HttpContext.Session.Id is the session's id, and does not change within a request.</summary>
public sealed class SessionIdTests
{
    private static Task<TestApp> StartAsync(UnavailablePolicy policy = UnavailablePolicy.Fail) => TestApp.StartAsync(new TestSetup
    {
        Options = options => options.OnUnavailable = policy,
        Sessions = static sessions => sessions.AddAspNetCoreSession(),
        Inside = static app =>
        {
            app.MapGet("/set", static (HttpContext context) => context.Session.SetString("a", "one"));
            app.MapGet("/id", static (HttpContext context) => $"{context.Session.Id} {context.Session.Id}");
            app.MapGet("/id-only", static (HttpContext context) => $"{context.Session.Id} {context.Session.Id}").WithSessionLoad(SessionLoadTime.OnUse);
            app.MapGet("/id-load", static async (HttpContext context) =>
            {
                var before = context.Session.Id;
                await context.Session.LoadAsync();
                return $"{before} {context.Session.Id}";
            }).WithSessionLoad(SessionLoadTime.OnUse);
            app.MapGet("/id-write", static async (HttpContext context) =>
            {
                var before = context.Session.Id;
                context.Session.SetString("a", "one");
                await context.Session.CommitAsync();
                return $"{before} {context.Session.Id}";
            });
        },
    });

    [Fact]
    public async Task Id_of_a_session_that_is_not_loaded_is_its_id_without_a_call()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var id = app.Store.Creates.Single().Id;

        Assert.Equal($"{id} {id}", await app.GetTextAsync("/id-only", token));
        Assert.Empty(app.Store.TakeCalls());
        Assert.Equal($"{id} {id}", await app.GetTextAsync("/id-load", token));
        Assert.Equal($"{id} {id}", await app.GetTextAsync("/id", token));
    }

    [Theory]
    [InlineData(UnavailablePolicy.Fail)]
    [InlineData(UnavailablePolicy.Degrade)]
    public async Task Id_of_a_session_that_cannot_be_reached_is_its_id_at_each_request(UnavailablePolicy policy)
    {
        await using var app = await StartAsync(policy);
        var token = await app.NewSessionAsync();
        var id = app.Store.Creates.Single().Id;
        app.Store.Before = static _ => throw new SessionUnavailableException();

        Assert.Equal($"{id} {id}", await app.GetTextAsync("/id", token));
        Assert.Equal($"{id} {id}", await app.GetTextAsync("/id", token));
    }

    [Fact]
    public async Task Id_without_a_session_is_the_one_that_it_gets()
    {
        await using var app = await StartAsync();

        var ids = (await app.GetTextAsync("/id-write")).Split(' ');

        Assert.Equal(ids[0], ids[1]);
        Assert.Equal(app.Store.Creates.Single().Id.ToString(), ids[0]);
    }

    [Fact]
    public async Task Id_of_a_session_that_has_ended_is_not_its_id()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var dead = app.Store.Creates.Single().Id;
        Assert.True(await app.Services.GetRequiredService<ISessionAdministration>().DestroyAsync(dead));

        var ids = (await app.GetTextAsync("/id-write", token)).Split(' ');

        Assert.NotEqual(dead.ToString(), ids[0]);
        Assert.Equal(ids[0], ids[1]);
        Assert.Equal(app.Store.Creates.Last().Id.ToString(), ids[0]);
    }

    [Fact]
    public async Task Id_when_the_create_fails_does_not_change()
    {
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Sessions = static sessions => sessions.AddAspNetCoreSession(),
            Inside = static app => app.MapGet("/", static async (HttpContext context) =>
            {
                var before = context.Session.Id;
                context.Session.SetString("a", "one");
                await Assert.ThrowsAsync<SessionUnavailableException>(() => context.Session.CommitAsync());
                Assert.Equal(before, context.Session.Id);
                context.Items["checked"] = true;
            }),
            Outside = static app => app.Use(static async (context, next) =>
            {
                await next(context);
                context.Items.TryGetValue("checked", out var value);
                Assert.Equal(true, value);
            }),
        });
        app.Store.Before = static _ => throw new SessionUnavailableException();

        await app.SendAsync("/");
    }
}
