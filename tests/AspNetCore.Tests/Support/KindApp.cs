using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>An application with every kind of response, and the means to see what of it leaves the server.</summary>
internal sealed class KindApp : IAsyncDisposable
{
    private KindApp(TestApp app, Wire wire)
    {
        App = app;
        Wire = wire;
    }

    public TestApp App { get; }

    public Wire Wire { get; }

    /// <param name="server">The server.</param>
    /// <param name="adapter">Whether HttpContext.Session is there, with TempData in it.</param>
    /// <param name="change">What each endpoint does before it answers; changes the session by default.</param>
    public static async Task<KindApp> StartAsync(Server server, bool adapter = false, Func<HttpContext, Task>? change = null)
    {
        var wire = new Wire();
        change ??= adapter ? SetStringAsync : SetAsync;
        var app = await TestApp.StartAsync(new TestSetup
        {
            Server = server,
            Connection = wire.Record,
            Services = services =>
            {
                services.AddResponseCompression().AddAntiforgery();
                if (adapter)
                {
                    services.AddControllersWithViews().AddApplicationPart(typeof(KindApp).Assembly).AddSessionStateTempDataProvider();
                }
            },
            Sessions = sessions =>
            {
                if (adapter)
                {
                    sessions.AddAspNetCoreSession();
                }
            },
            Outside = static app =>
            {
                app.Use(Attack.ObserveAsync);
                Branch(app, "outside");
                app.UseRouting();
            },
            Inside = app =>
            {
                Branch(app, "inside");

                // Again, because a handler in a branch runs what comes after it once more, for another path.
                app.UseRouting();
                Map(app, adapter, change);
            },
        });
        return new KindApp(app, wire);
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();

    private static Task SetAsync(HttpContext context)
    {
        context.GetServerSession().Set("a", "one");
        return Task.CompletedTask;
    }

    private static Task SetStringAsync(HttpContext context)
    {
        context.Session.Set("a", Encoding.UTF8.GetBytes("\"one\""));
        return Task.CompletedTask;
    }

    private static void Branch(WebApplication app, string side)
    {
        static Func<HttpContext, bool> In(string pipeline) => context => context.Request.Path.StartsWithSegments("/" + pipeline, StringComparison.Ordinal);

        app.UseWhen(In($"compressed-{side}"), static branch => branch.UseResponseCompression().Use(static (context, next) =>
        {
            context.Response.ContentType = "text/plain";
            return next(context);
        }));
        app.UseWhen(In($"buffered-{side}"), static branch => branch.Use(BufferAsync));
        app.UseWhen(In($"pages-{side}"), static branch => branch.UseExceptionHandler("/error").UseStatusCodePagesWithReExecute("/status"));
        app.UseWhen(In($"sockets-{side}"), static branch => branch.UseWebSockets());
    }

    /// <summary>What logging and rewriting middleware does: keeps the body, and sends it when the pipeline has come back.</summary>
    private static async Task BufferAsync(HttpContext context, RequestDelegate next)
    {
        var body = context.Response.Body;
        using var buffer = new MemoryStream();
        context.Response.Body = buffer;
        await next(context);
        await context.Response.BodyWriter.FlushAsync();
        context.Response.Body = body;
        buffer.Position = 0;
        await buffer.CopyToAsync(body);
    }

    private static void Map(WebApplication app, bool adapter, Func<HttpContext, Task> change)
    {
        async Task AnswerAsync(HttpContext context, Func<HttpContext, Task> respond)
        {
            await change(context);
            context.Response.Headers["X-App"] = "application header";
            context.Response.Headers.Append("Set-Cookie", "app=1");
            await respond(context);
        }

        foreach (var kind in ResponseKinds.All.Values.Where(kind => kind.UsesAdapter == adapter && !kind.Name.Contains("tempdata", StringComparison.Ordinal)))
        {
            app.MapMethods(kind.Path, ["GET", "HEAD", "CONNECT"], (HttpContext context) => AnswerAsync(context, kind.Respond));
        }

        if (adapter)
        {
            app.MapControllers();
        }

        app.Map("/error", (HttpContext context) => AnswerAsync(context, static context => context.Response.WriteAsync(ResponseBodies.Text)));
        app.Map("/status", (HttpContext context) => AnswerAsync(context, static context => context.Response.WriteAsync(ResponseBodies.Text)));
        app.MapGet("/set", static (HttpContext context) => context.GetServerSession().Set("a", "zero"));
        app.MapGet("/read", static async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
        app.MapGet("/untouched", static () => "untouched");
    }
}

/// <summary>Answers with TempData, which a filter saves when the response starts.</summary>
[Route("adapter/[action]")]
public sealed class KindController : Controller
{
    [HttpGet, ActionName("tempdata-text")]
    public IActionResult Text()
    {
        Change();
        return Content(ResponseBodies.Text);
    }

    [HttpGet, ActionName("tempdata-redirect")]
    public IActionResult ToElsewhere()
    {
        Change();
        return Redirect("/read");
    }

    [HttpGet, ActionName("tempdata-read")]
    public IActionResult Read() => Content(TempData["a"] as string ?? "none");

    private void Change()
    {
        Response.Headers["X-App"] = "application header";
        Response.Headers.Append("Set-Cookie", "app=1");
        TempData["a"] = "one";
    }
}

/// <summary>The applications of a test class, each started when the first test needs it.</summary>
public sealed class KindApps : IAsyncDisposable
{
    private readonly Dictionary<(Server, bool, bool), Task<KindApp>> _apps = [];

    internal Task<KindApp> GetAsync(Server server, ResponseKind kind) => GetAsync((server, kind.UsesAdapter, false), () => KindApp.StartAsync(server, kind.UsesAdapter));

    /// <summary>An application where nothing holds the response: it commits when the response has been sent, as others do.</summary>
    internal Task<KindApp> GetWithoutGateAsync(Server server) => GetAsync((server, false, true), async () =>
    {
        TestApp? app = null;
        var kinds = await KindApp.StartAsync(server, change: context =>
        {
            context.Response.OnCompleted(() => app!.Store.Before("commit"));
            return Task.CompletedTask;
        });
        app = kinds.App;
        return kinds;
    });

    public async ValueTask DisposeAsync()
    {
        foreach (var app in _apps.Values)
        {
            await (await app).DisposeAsync();
        }
    }

    private Task<KindApp> GetAsync((Server Server, bool Adapter, bool WithoutGate) which, Func<Task<KindApp>> start)
    {
        if (!_apps.TryGetValue(which, out var app))
        {
            app = _apps[which] = start();
        }

        return app;
    }
}
