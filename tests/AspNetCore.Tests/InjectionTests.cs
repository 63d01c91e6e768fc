using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>IServerSession from the services of a request, without an IHttpContextAccessor, which would make every request dearer.</summary>
public sealed class InjectionTests
{
    [Fact]
    public async Task AddServerSession_without_an_accessor_adds_none()
    {
        await using var app = await TestApp.StartAsync(static _ => { });

        Assert.Null(app.Services.GetService<IHttpContextAccessor>());
    }

    [Theory]
    [InlineData(Server.Memory)]
    [InlineData(Server.Http1)]
    [InlineData(Server.Http2)]
    public async Task Injection_gives_the_session_of_the_request(Server server)
    {
        await using var app = await TestApp.StartAsync(new TestSetup { Server = server, Inside = MapSame });

        for (var request = 0; request < 3; request++)
        {
            Assert.Equal("True", await app.GetTextAsync("/same"));
        }
    }

    [Fact]
    public async Task Injection_where_services_were_used_before_the_middleware_gives_the_session_of_the_request()
    {
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Outside = static app => app.Use(static (context, next) =>
            {
                _ = context.RequestServices.GetRequiredService<IServiceScopeFactory>();
                return next(context);
            }),
            Inside = MapSame,
        });

        Assert.Equal("True", await app.GetTextAsync("/same"));
    }

    [Fact]
    public async Task Injection_where_the_services_were_replaced_gives_the_session_of_the_request()
    {
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Inside = static app =>
            {
                app.Use(static async (context, next) =>
                {
                    var before = context.RequestServices;
                    await using var scope = before.CreateAsyncScope();
                    context.RequestServices = scope.ServiceProvider;
                    await next(context);
                    context.RequestServices = before;
                });
                MapSame(app);
            },
        });

        Assert.Equal("True", await app.GetTextAsync("/same"));
    }

    [Fact]
    public async Task Scope_of_the_application_without_an_accessor_says_what_to_do()
    {
        await using var app = await TestApp.StartAsync(MapOwnScope);

        Assert.Contains("AddHttpContextAccessor", await app.GetTextAsync("/own-scope"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scope_of_the_application_with_an_accessor_has_the_session_of_the_request()
    {
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Services = static services => services.AddHttpContextAccessor(),
            Inside = MapOwnScope,
        });

        Assert.Equal("True", await app.GetTextAsync("/own-scope"));
    }

    [Fact]
    public async Task Feature_replaced_by_the_application_keeps_its_services()
    {
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Services = static services => services.AddScoped<Disposable>(),
            Inside = static app =>
            {
                app.Use(static async (context, next) =>
                {
                    await using var foreign = new RequestServicesFeature(context, context.RequestServices.GetRequiredService<IServiceScopeFactory>());
                    context.Features.Set<IServiceProvidersFeature>(foreign);
                    await next(context);
                });
                app.MapGet("/foreign", static (Disposable scoped) => scoped.IsDisposed ? "disposed" : "alive");
            },
        });

        Assert.Equal("alive", await app.GetTextAsync("/foreign"));
    }

    [Fact]
    public async Task Service_that_is_scoped_is_disposed_with_its_request()
    {
        Disposable? seen = null;
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Services = static services => services.AddScoped<Disposable>(),
            Inside = app => app.MapGet("/scoped", (Disposable scoped) =>
            {
                seen = scoped;
                return "ok";
            }),
        });

        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("/scoped")).StatusCode);

        await seen!.Disposed.WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
    }

    private static void MapSame(WebApplication app) => app.MapGet(
        "/same", static (HttpContext context, IServerSession session) => ReferenceEquals(session, context.GetServerSession()).ToString());

    private static void MapOwnScope(WebApplication app) => app.MapGet("/own-scope", static (HttpContext context, IServiceScopeFactory scopes) =>
    {
        using var scope = scopes.CreateScope();
        try
        {
            return ReferenceEquals(scope.ServiceProvider.GetRequiredService<IServerSession>(), context.GetServerSession()).ToString();
        }
        catch (InvalidOperationException exception)
        {
            return exception.Message;
        }
    });

    private sealed class Disposable : IDisposable
    {
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Disposed => _disposed.Task;

        public bool IsDisposed => Disposed.IsCompleted;

        public void Dispose() => _disposed.TrySetResult();
    }
}
