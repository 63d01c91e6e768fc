using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>Two requests on one connection: the second does what a test says, while it may have the HttpContext of the first.</summary>
internal sealed class SecondRequest
{
    private TaskCompletionSource _over = New();

    /// <summary>What the request to <c>/second</c> does before it answers.</summary>
    public Func<HttpContext, Task> Work { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Ends when a request is over that <see cref="ExpectEnd"/> was called before.</summary>
    public Task Ended => _over.Task;

    public static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static HttpClient OneConnection(TestApp app) => app.Server == Server.Memory
        ? app.NewClient()
        : new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false, MaxConnectionsPerServer = 1 })
        {
            BaseAddress = app.Address,
            DefaultRequestVersion = app.Client.DefaultRequestVersion,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

    public static async Task<HttpResponseMessage> GetAsync(HttpClient client, string path, string token, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        request.Headers.Add("Cookie", $"{Http.CookieName}={token}");
        return await client.SendAsync(request, cancellationToken == default ? TestContext.Current.CancellationToken : cancellationToken);
    }

    public static async Task<string> ReadAsync(HttpClient client, string token) =>
        await (await GetAsync(client, "/read", token)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    public void ExpectEnd() => _over = New();

    /// <summary>Runs when a response is complete.</summary>
    public Task OnOver()
    {
        _over.TrySetResult();
        return Task.CompletedTask;
    }

    public Task<TestApp> StartAsync(Server server, bool adapter = false, Action<WebApplication>? inside = null) => TestApp.StartAsync(new TestSetup
    {
        Server = server,

        // In Development a page of the framework answers exceptions, so that none reaches the server.
        Environment = "Staging",
        Options = static options =>
        {
            options.Cookie.Name = Http.CookieName;
            options.Cookie.SecurePolicy = CookieSecurePolicy.None;
        },
        Sessions = sessions =>
        {
            if (adapter)
            {
                sessions.AddAspNetCoreSession();
            }
        },
        Outside = app =>
        {
            // Given first, so it runs last: the handle of the session is closed by then.
            app.Use((context, next) =>
            {
                context.Response.OnCompleted(OnOver);
                return next(context);
            });
            app.UseStatusCodePagesWithReExecute("/again");
            app.UseRouting();
        },
        Inside = inside ?? Map,
    });

    public void Map(WebApplication app)
    {
        app.MapGet("/set", static (HttpContext context) => context.GetServerSession().Set("a", "one"));
        app.MapGet("/read", static async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
        app.MapGet("/second", async (HttpContext context) =>
        {
            context.Response.OnCompleted(OnOver);
            await Work(context);
            await context.Response.WriteAsync("second");
        }).WithSessionLoad(SessionLoadTime.OnUse);
    }
}
