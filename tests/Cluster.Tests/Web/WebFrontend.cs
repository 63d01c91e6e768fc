using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Web;

/// <summary>A frontend of the cluster: the real middleware, as a client of the silos, on the test server.</summary>
public sealed class WebFrontend : IAsyncDisposable
{
    /// <summary>The header that carries tokens beside the cookie.</summary>
    public const string TokenHeader = "Session-Token";

    /// <summary>How long a request waits for the cluster.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);

    private readonly WebApplication _app;

    private WebFrontend(WebApplication app)
    {
        _app = app;
        Http = app.GetTestServer().CreateClient();
        Http.BaseAddress = new Uri("https://localhost");

        // A request that is never answered, because a test's clock stands still while the cluster refuses it, ends its test.
        Http.Timeout = TimeSpan.FromSeconds(90);
    }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts a frontend.</summary>
    /// <param name="cluster">The cluster it is a client of.</param>
    /// <param name="logs">Where it logs.</param>
    /// <param name="silo">The services of the silo in whose process it is; null for one outside of all.</param>
    /// <param name="services">Adds services of the application.</param>
    /// <param name="routes">Adds middleware and endpoints of the application, after <c>UseServerSession</c>.</param>
    public static async Task<WebFrontend> StartAsync(
        SessionCluster cluster,
        ILoggerProvider? logs = null,
        IServiceProvider? silo = null,
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? routes = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace);
        if (logs is not null)
        {
            builder.Logging.AddProvider(logs);
        }

        if (silo is null)
        {
            builder.Services.AddSingleton<IGrainFactory>(cluster.Inner.Client);
        }
        else
        {
            builder.Services.AddSingleton(silo.GetRequiredService<IGrainFactory>());
            builder.Services.AddSingleton(silo.GetRequiredService<ILocalSessions>());
        }

        // On a busy machine a request may stand still for longer than it would wait in production.
        builder.Configuration["ServerSession:OperationWindow"] = $"{SystemTime.OperationWindow}";
        builder.Services.AddServerSession(static options =>
        {
            options.Header = TokenHeader;
            options.RetryBudget = Budget;
        });
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseServerSession();
        routes?.Invoke(app);
        app.MapGet("/untouched", static () => "hello");
        app.MapGet("/read", static async (HttpContext context) => await context.GetServerSession().GetAsync<string>("quote") ?? "none");
        app.MapPut("/write/{value}", static (HttpContext context, string value) => context.GetServerSession().Set("quote", value));
        app.MapPut("/read-write/{value}", static async (HttpContext context, string value) =>
        {
            var session = context.GetServerSession();
            var old = await session.GetAsync<string>("quote");
            session.Set("quote", value);
            return old ?? "none";
        });
        app.MapPost("/increment", static async (IServerSession session) => Results.Text($"{await session.IncrementAsync("visits")}"));
        app.MapPost("/rotate", static async (HttpContext context) => await context.GetServerSession().RotateAsync());
        app.MapPost("/destroy", static async (HttpContext context) => await context.GetServerSession().DestroyAsync());
        app.MapGet("/wait", static async (HttpContext context) =>
        {
            var session = context.GetServerSession();
            await session.ExistsAsync();
            var ended = new TaskCompletionSource();
            using var registration = session.Ended.Register(ended.SetResult);
            await context.Response.WriteAsync("waiting\n");
            await context.Response.Body.FlushAsync();
            await ended.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("ended\n");
        });
        app.MapPut("/fail/{value}", static (HttpContext context, string value) =>
        {
            context.GetServerSession().Set("quote", value);
            throw new InvalidOperationException("The application failed.");
        });
        await app.StartAsync();
        return new WebFrontend(app);
    }

    /// <summary>Sends a request with a cookie, and returns the cookie that came back.</summary>
    public async Task<(HttpStatusCode Status, string Body, string? Cookie)> SendAsync(string method, string path, string? cookie = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", $"__Host-session={cookie}");
        }

        using var response = await Http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        var set = response.Headers.TryGetValues("Set-Cookie", out var values) ? Assert.Single(values) : null;
        return (response.StatusCode, body, set?.Split(';')[0]["__Host-session=".Length..]);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
