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

    /// <summary>For how long a request is tried: the longest that fits into the operation window, so that a machine that stands still fails none.</summary>
    private static readonly TimeSpan LongBudget = TimeSpan.FromSeconds(13);

    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private TestFrontend(WebApplication app)
    {
        _app = app;
        _http = app.GetTestServer().CreateClient();
        _http.BaseAddress = new Uri("https://localhost");
    }

    public IGrainFactory Grains => _app.Services.GetRequiredService<IGrainFactory>();

    /// <param name="settings">The settings.</param>
    /// <param name="budget">For how long a request is tried; long by default.</param>
    public static async Task<TestFrontend> StartAsync(IReadOnlyDictionary<string, string?> settings, TimeSpan? budget = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration["ServerSession:RetryBudget"] = (budget ?? LongBudget).ToString("c");
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
        Answer? answer = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                answer = await SendAsync(method, path, cookie);
                Assert.True((int)answer.Status < 300 || answer.Status == HttpStatusCode.ServiceUnavailable, $"{method} {path} was answered {(int)answer.Status}.");
                return (int)answer.Status < 300;
            },
            () => $"{method} {path} succeeded: {answer?.Body}");
        return answer!;
    }

    /// <summary>The keys of the cluster's tokens, from their grain.</summary>
    public async Task<TokenSigningKeyRing> KeysAsync()
    {
        TokenSigningKeyRing? keys = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                // A silo on a busy machine may refuse for a moment.
                var failure = await Record.ExceptionAsync(async () => keys = await Grains.GetGrain<ISigningKeyGrain>(0).GetAsync());
                Assert.True(failure is null or SessionUnavailableException or TimeoutException, failure?.ToString());
                return failure is null;
            },
            static () => "the keys were given");
        return keys!;
    }

    /// <summary>The session that a cookie names, and the grain that has it.</summary>
    public async Task<(ISessionGrain Grain, SessionToken Token)> FindAsync(string? cookie)
    {
        var keys = await KeysAsync();
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
