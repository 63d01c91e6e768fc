using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerSession.Hosting;

namespace ServerSession.Tests.Silos;

/// <summary>A frontend as the host makes it: a client of the cluster that the settings name, with the real middleware.</summary>
internal sealed class TestFrontend : IAsyncDisposable
{
    private const string Cookie = "__Host-session";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private TestFrontend(WebApplication app)
    {
        _app = app;
        _http = app.GetTestServer().CreateClient();
        _http.BaseAddress = new Uri("https://localhost");
    }

    public IGrainFactory Grains => _app.Services.GetRequiredService<IGrainFactory>();

    public static async Task<TestFrontend> StartAsync(IReadOnlyDictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration["ServerSession:RetryBudget"] = "00:00:03";
        builder.AddSessionClient();
        builder.Services.AddServerSession();
        var app = builder.Build();
        app.UseServerSession();
        app.MapGet("/value", static async (HttpContext context) => await context.GetServerSession().GetAsync<string>("value") ?? "none");
        app.MapPut("/value/{value}", static (HttpContext context, string value) =>
        {
            context.GetServerSession().Set("value", value);
            return Results.NoContent();
        });
        app.MapPost("/rotate", static async (HttpContext context) => await context.GetServerSession().RotateAsync());
        app.MapPost("/destroy", static async (HttpContext context) => await context.GetServerSession().DestroyAsync());
        await app.StartAsync();
        return new TestFrontend(app);
    }

    public async Task<Answer> SendAsync(string method, string path, string? cookie = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", $"{Cookie}={cookie}");
        }

        using var response = await _http.SendAsync(request);
        var set = response.Headers.TryGetValues("Set-Cookie", out var values) ? values.Single().Split(';')[0][(Cookie.Length + 1)..] : null;
        return new(response.StatusCode, await response.Content.ReadAsStringAsync(), set ?? cookie, response.Headers.RetryAfter is not null);
    }

    /// <summary>Repeats a request until it succeeds, as a client does that is told 503; every other failure is one of the test.</summary>
    public async Task<Answer> UntilItSucceedsAsync(string method, string path, string? cookie = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var answer = await SendAsync(method, path, cookie);
            if ((int)answer.Status < 300)
            {
                return answer;
            }

            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
            Assert.False(patience.IsCancellationRequested, $"{method} {path} was 503 for {Patience}: {answer.Body}");
            await Task.Delay(100);
        }
    }

    /// <summary>The session that a cookie names, and the grain that has it.</summary>
    public async Task<(ISessionGrain Grain, SessionToken Token)> FindAsync(string? cookie)
    {
        var keys = await Grains.GetGrain<ISigningKeyGrain>(0).GetAsync();
        Assert.Equal(TokenStatus.Valid, SessionToken.Parse(cookie, keys, TimeProvider.System.GetUtcNow(), out var token));
        return (Grains.GetGrain<ISessionGrain>(token.Id.ToGrainKey()), token);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    internal sealed record Answer(HttpStatusCode Status, string Body, string? Cookie, bool HasRetryAfter);
}
