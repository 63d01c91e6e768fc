using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>Stores stack: decorators stand around the store that keeps the sessions.</summary>
public sealed class StoreDecoratorTests
{
    private static Task<TestApp> StartAsync(Action<IServerSessionBuilder> sessions) => TestApp.StartAsync(new TestSetup
    {
        Services = static services => services.AddSingleton<Trace>(),
        Sessions = sessions,
        Inside = static app =>
        {
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "zero"));
            app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
            app.MapGet("/destroy", async (HttpContext context) => await context.GetServerSession().DestroyAsync());
        },
    });

    [Fact]
    public async Task DecorateStore_puts_the_decorator_between_the_middleware_and_the_store()
    {
        await using var app = await StartAsync(static sessions => sessions.DecorateStore<Outer>());

        var token = await app.NewSessionAsync();
        Assert.Equal("zero", await app.GetTextAsync("/read", token));
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("/destroy", token)).StatusCode);

        Assert.Equal(["outer create", "outer open", "outer destroy"], app.Services.GetRequiredService<Trace>().Calls);
        Assert.Equal(["open", "destroy"], app.Store.TakeCalls());
    }

    [Fact]
    public async Task DecorateStore_twice_asks_the_last_added_first()
    {
        await using var app = await StartAsync(static sessions => sessions.DecorateStore<Inner>().DecorateStore<Outer>());

        await app.SendAsync("/set");

        Assert.Equal(["outer create", "inner create"], app.Services.GetRequiredService<Trace>().Calls);
        Assert.Single(app.Store.Creates);
    }

    [Fact]
    public async Task UseStore_after_decorators_exchanges_the_store_inside_them()
    {
        await using var app = await StartAsync(static sessions => sessions.DecorateStore<Inner>().DecorateStore<Outer>().UseInMemoryStore().UseStore<ScriptedStore>());

        await app.SendAsync("/set");

        Assert.Equal(["outer create", "inner create"], app.Services.GetRequiredService<Trace>().Calls);
        Assert.Single(app.Store.Creates);
    }

    [Fact]
    public async Task Administration_of_a_decorated_store_destroys_through_the_decorator_and_sweeps_the_store_inside()
    {
        var services = new ServiceCollection().AddLogging().AddSingleton<Trace>();
        services.AddServerSession().UseInMemoryStore().DecorateStore<Inner>().DecorateStore<Outer>();
        await using var provider = services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build()).BuildServiceProvider();
        var administration = provider.GetRequiredService<ISessionAdministration>();

        Assert.Equal(new SessionSweepResult(0, 0), await administration.SweepAsync(TestContext.Current.CancellationToken));
        Assert.False(await administration.DestroyAsync(SessionId.New(), TestContext.Current.CancellationToken));
        Assert.Equal(["outer destroy", "inner destroy"], provider.GetRequiredService<Trace>().Calls);
    }

    [Fact]
    public async Task Stop_disposes_of_every_store_once()
    {
        Trace trace;
        await using (var app = await StartAsync(static sessions => sessions.DecorateStore<Inner>().DecorateStore<Outer>()))
        {
            await app.SendAsync("/set");
            trace = app.Services.GetRequiredService<Trace>();
            trace.Calls.Clear();
        }

        Assert.Equal(["inner disposed", "outer disposed"], trace.Calls.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void DecorateStore_with_a_type_that_takes_no_store_is_refused_and_names_the_fix()
    {
        var sessions = new ServiceCollection().AddServerSession();

        var refusal = Assert.Throws<InvalidOperationException>(() => sessions.DecorateStore<ScriptedStore>());

        Assert.Contains("a parameter of type IServerSessionStore", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("UseStore<ScriptedStore>()", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verb_on_services_without_sessions_is_refused_and_names_the_call()
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => new Bare(new ServiceCollection()).UseInMemoryStore());

        Assert.Contains("services.AddServerSession()", refusal.Message, StringComparison.Ordinal);
    }

    private sealed class Trace
    {
        public ConcurrentQueue<string> Calls { get; } = new();
    }

    private sealed class Bare(IServiceCollection services) : IServerSessionBuilder
    {
        public IServiceCollection Services => services;
    }

    private sealed class Inner(IServerSessionStore inner, Trace trace) : Decorator(inner, trace, "inner");

    private sealed class Outer(IServerSessionStore inner, Trace trace) : Decorator(inner, trace, "outer");

    private abstract class Decorator(IServerSessionStore inner, Trace trace, string name) : IServerSessionStore, IDisposable
    {
        public ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken)
        {
            trace.Calls.Enqueue($"{name} open");
            return inner.OpenAsync(id, verifier, mode, cancellationToken);
        }

        public ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken)
        {
            trace.Calls.Enqueue($"{name} create");
            return inner.CreateAsync(id, request, cancellationToken);
        }

        public ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken)
        {
            trace.Calls.Enqueue($"{name} commit");
            return inner.CommitAsync(id, request, cancellationToken);
        }

        public ValueTask<SessionReply> DestroyAsync(SessionId id, DestroySession request, CancellationToken cancellationToken)
        {
            trace.Calls.Enqueue($"{name} destroy");
            return inner.DestroyAsync(id, request, cancellationToken);
        }

        public void Dispose() => trace.Calls.Enqueue($"{name} disposed");
    }
}
