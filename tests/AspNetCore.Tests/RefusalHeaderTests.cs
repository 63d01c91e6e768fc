using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>
/// What stays of the application when its answer is refused: headers of CORS, security and tracing, and what OnStarting callbacks set; no
/// cookie, no header of the content.
/// </summary>
public sealed class RefusalHeaderTests
{
    private const string Origin = "https://app.example";

    /// <summary>How the request fails, and the status it then has.</summary>
    private static readonly (string Path, int Status)[] Failures =
    [
        ("/write-gone", 409), ("/write-large", 413), ("/write-mismatch", 422), ("/write-unavailable", 503), ("/read-unavailable", 503), ("/key-large", 413), ("/flushed-unavailable", 503),
    ];

    public static TheoryData<Server, bool, bool, string, int> Orders => new(
        from server in new[] { Server.Memory, Server.Http1, Server.Http2 }
        from corsFirst in new[] { true, false }
        from adapter in new[] { true, false }
        from failure in Failures
        select (server, corsFirst, adapter, failure.Path, failure.Status));

    private static Task<TestApp> StartAsync(Server server, bool corsFirst, bool adapter) => TestApp.StartAsync(new TestSetup
    {
        Server = server,
        Services = static services => services.AddCors(static cors => cors.AddDefaultPolicy(static policy =>
            policy.WithOrigins(Origin, "https://other.example").AllowCredentials().WithExposedHeaders("Session-Token", "Retry-After"))),
        Sessions = sessions =>
        {
            if (adapter)
            {
                sessions.AddAspNetCoreSession();
            }
        },
        Outside = app =>
        {
            app.UseRouting();
            if (corsFirst)
            {
                app.UseCors();
            }
        },
        Inside = app =>
        {
            if (!adapter)
            {
                // As an application that looks at its session early on.
                app.Use(static async (context, next) =>
                {
                    _ = context.GetServerSession().ContainsAsync("a").AsTask();
                    await next(context);
                });
            }

            if (!corsFirst)
            {
                app.UseCors();
            }

            app.Use(static (context, next) =>
            {
                context.Response.Headers.StrictTransportSecurity = "max-age=60";
                context.Response.Headers["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
                context.Response.OnStarting(static state =>
                {
                    var response = ((HttpContext)state).Response;
                    response.Headers.ContentSecurityPolicy = "default-src 'none'";
                    response.Headers["X-Callback"] = response.StatusCode.ToString(System.Globalization.CultureInfo.InvariantCulture);
                    response.Headers.ETag = "\"callback\"";
                    response.Headers.CacheControl = "public, max-age=60";
                    response.Headers.Append("Set-Cookie", "callback=1");
                    return Task.CompletedTask;
                }, context);
                return next(context);
            });
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "zero"));
            app.MapGet("/read-unavailable", async (HttpContext context) => Answer(context, await context.GetServerSession().GetAsync<string>("b")));
            app.MapGet("/key-large", (HttpContext context) =>
            {
                Answer(context, null);
                context.GetServerSession().Set(new string('k', 10_000), "one");
            });
            app.MapGet("/flushed-unavailable", async (HttpContext context) =>
            {
                Answer(context, null);
                context.GetServerSession().Set("a", "one");
                await context.GetServerSession().FlushAsync();
            });
            app.MapGet("/{path}", async (HttpContext context) =>
            {
                context.GetServerSession().Set("a", "one");
                await context.Response.WriteAsync(Answer(context, "application text"));
            });
        },
    });

    private static string Answer(HttpContext context, string? text)
    {
        context.Response.Headers["X-App"] = "application header";
        context.Response.Headers.LastModified = "Fri, 01 Jan 2100 00:00:00 GMT";
        context.Response.Headers.ContentDisposition = "attachment";
        context.Response.Headers.Append("Set-Cookie", "app=1");
        return text ?? "";
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Refusal_keeps_cors_security_tracing_and_what_callbacks_set(Server server, bool corsFirst, bool adapter, string path, int status)
    {
        await using var app = await StartAsync(server, corsFirst, adapter);
        var token = await app.NewSessionAsync();
        app.Store.Before = operation => path.Contains("unavailable", StringComparison.Ordinal) && (operation == "commit" || path.StartsWith("/read", StringComparison.Ordinal))
            ? throw new SessionUnavailableException()
            : Task.CompletedTask;
        app.Store.After = (operation, reply) => operation != "commit" ? reply : path switch
        {
            "/write-gone" => new SessionReply { Outcome = SessionOutcome.Gone },
            "/write-large" => new SessionReply { Outcome = SessionOutcome.TooLarge },
            "/write-mismatch" => new SessionReply { Outcome = SessionOutcome.Mismatch },
            _ => reply,
        };

        var response = await app.SendAsync(path, token, headers: static headers => headers.Add("Origin", Origin));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status, (await response.ProblemAsync()).GetProperty("status").GetInt32());
        string Header(string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "none";
        Assert.Equal(Origin, Header("Access-Control-Allow-Origin"));
        Assert.Equal("true", Header("Access-Control-Allow-Credentials"));
        Assert.Equal("Session-Token,Retry-After", Header("Access-Control-Expose-Headers"));
        Assert.Contains("Origin", Header("Vary"), StringComparison.Ordinal);
        Assert.Equal("max-age=60", Header("Strict-Transport-Security"));
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Header("traceparent"));
        Assert.Equal("default-src 'none'", Header("Content-Security-Policy"));
        Assert.NotEqual("none", Header("X-Callback"));
        Assert.Equal(status == 503 ? "2" : "none", Header("Retry-After"));
        Assert.Equal("no-store", Header("Cache-Control"));
        Assert.Equal("none", Header("X-App"));
        Assert.Equal("none", Header("ETag"));
        Assert.Empty(response.SetCookies());
        Assert.False(response.Content.Headers.Contains("Last-Modified"));
        Assert.False(response.Content.Headers.Contains("Content-Disposition"));
    }

    [Theory]
    [InlineData(Server.Memory)]
    [InlineData(Server.Http1)]
    public async Task Callback_of_a_refusal_that_uses_the_session_or_fails_changes_nothing(Server server)
    {
        var calls = 0;
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Server = server,
            Inside = app =>
            {
                app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "zero"));
                app.MapGet("/", async (HttpContext context) =>
                {
                    var session = context.GetServerSession();
                    session.Remove("b");
                    foreach (var use in new Func<ValueTask>[]
                    {
                        () =>
                        {
                            session.Set("a", "callback");
                            return default;
                        },
                        async () => await session.GetAsync<string>("a"),
                        async () => await session.IncrementAsync("n"),
                        () => session.DestroyAsync(),
                        () => throw new InvalidOperationException("of the application"),
                    })
                    {
                        context.Response.OnStarting(async () =>
                        {
                            calls++;
                            await use();
                            context.Response.Headers["X-Done"] = "done";
                        });
                    }

                    await session.GetAsync<string>("a");
                });
            },
        });
        var token = await app.NewSessionAsync();
        app.Store.Before = static _ => throw new SessionUnavailableException();

        var response = await app.SendAsync("/", token);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Equal(5, calls);
        Assert.False(response.Headers.Contains("X-Done"));
        Assert.Equal(["open"], app.Store.TakeCalls());
        app.Store.Before = static _ => Task.CompletedTask;
        Assert.Equal(1, app.Store.Count);
    }

    [Fact]
    public async Task Callbacks_run_once_where_the_commit_after_them_is_refused()
    {
        var runs = 0;
        await using var app = await TestApp.StartAsync(app =>
        {
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "zero"));
            app.MapGet("/", async (HttpContext context) =>
            {
                context.GetServerSession().Set("a", "one");
                context.Response.Headers["X-Changed"] = "before";
                context.Response.Headers["X-Unchanged"] = "before";
                context.Response.OnStarting(() =>
                {
                    runs++;
                    context.Response.Headers["X-Changed"] = "after";
                    context.Response.Headers["X-Unchanged"] = "before";
                    return Task.CompletedTask;
                });
                await context.Response.WriteAsync("text");
            });
        });
        var token = await app.NewSessionAsync();
        app.Store.Before = static operation => operation == "commit" ? throw new SessionUnavailableException() : Task.CompletedTask;

        var response = await app.SendAsync("/", token);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Equal(1, runs);
        Assert.Equal("after", response.Headers.GetValues("X-Changed").Single());
        Assert.False(response.Headers.Contains("X-Unchanged"));
    }
}
