using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>Exceptions and re-executed pipelines: buffered changes are discarded, what was acknowledged is handed out.</summary>
public sealed class ExceptionTests
{
    public static TheoryData<Server, bool> ServersAndOrders => new(from server in Enum.GetValues<Server>() from outside in new[] { true, false } select (server, outside));

    private static Task<TestApp> StartAsync(Server server, bool outside)
    {
        void Handlers(WebApplication app)
        {
            app.UseExceptionHandler("/error");
            app.UseStatusCodePagesWithReExecute("/status");
        }

        return TestApp.StartAsync(new TestSetup
        {
            Server = server,
            Outside = app =>
            {
                if (outside)
                {
                    Handlers(app);
                }

                // The handlers run what comes after them again, so routing has to come after them.
                app.UseRouting();
            },
            Inside = app =>
            {
                if (!outside)
                {
                    Handlers(app);
                    app.UseRouting();
                }

                app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "zero"));
                app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
                app.MapGet("/throw", (HttpContext context) =>
                {
                    context.GetServerSession().Set("a", "lost");
                    throw new InvalidDataException("application");
                });
                app.MapGet("/rotate-throw", async (HttpContext context) =>
                {
                    await context.GetServerSession().RotateAsync();
                    throw new InvalidDataException("application");
                });
                app.MapGet("/flush-throw", async (HttpContext context) =>
                {
                    context.GetServerSession().Set("a", "kept");
                    await context.GetServerSession().FlushAsync();
                    throw new InvalidDataException("application");
                });
                app.MapGet("/missing", (HttpContext context) =>
                {
                    context.GetServerSession().Set("a", "kept");
                    context.Response.StatusCode = 404;
                });
                app.Map("/error", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
                app.Map("/status", (HttpContext context) =>
                {
                    context.GetServerSession().Set("b", "status page");
                    return "status page";
                });
                if (!outside)
                {
                    app.UseEndpoints(static _ => { });
                }
            },
        });
    }

    [Theory]
    [MemberData(nameof(ServersAndOrders))]
    public async Task Exception_without_a_session_creates_nothing(Server server, bool outside)
    {
        await using var app = await StartAsync(server, outside);

        var response = await app.SendAsync("/throw");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("none", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Empty(app.Store.Calls);
        Assert.Empty(response.SetCookies());
    }

    [Theory]
    [MemberData(nameof(ServersAndOrders))]
    public async Task Exception_with_a_session_discards_the_changes_and_keeps_the_session(Server server, bool outside)
    {
        await using var app = await StartAsync(server, outside);
        var token = await app.NewSessionAsync();

        var response = await app.SendAsync("/throw", token);

        Assert.Equal("zero", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.DoesNotContain("commit", app.Store.Calls);
        Assert.Equal("zero", await app.GetTextAsync("/read", token));
    }

    [Theory]
    [MemberData(nameof(ServersAndOrders))]
    public async Task Exception_after_a_rotate_hands_out_the_new_token(Server server, bool outside)
    {
        await using var app = await StartAsync(server, outside);
        var token = await app.NewSessionAsync();

        var response = await app.SendAsync("/rotate-throw", token);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("zero", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("zero", await app.GetTextAsync("/read", response.Token()));
        Assert.Equal("none", await app.GetTextAsync("/read", token));
    }

    [Theory]
    [MemberData(nameof(ServersAndOrders))]
    public async Task Exception_after_a_flushed_create_hands_out_the_token(Server server, bool outside)
    {
        await using var app = await StartAsync(server, outside);

        var response = await app.SendAsync("/flush-throw");

        Assert.Equal("kept", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("kept", await app.GetTextAsync("/read", response.Token()));
    }

    [Theory]
    [MemberData(nameof(ServersAndOrders))]
    public async Task Status_page_that_runs_again_keeps_the_changes_of_both_runs_and_sets_one_cookie(Server server, bool outside)
    {
        await using var app = await StartAsync(server, outside);

        var response = await app.SendAsync("/missing");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("status page", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Single(response.SetCookies());
        Assert.Equal("kept", await app.GetTextAsync("/read", response.Token()));
        Assert.Equal(1, app.Store.Count);
    }

    [Fact]
    public async Task Exception_of_the_session_where_the_error_page_needs_it_too_is_503()
    {
        await using var app = await StartAsync(Server.Memory, outside: false);
        var token = await app.NewSessionAsync();
        app.Store.Before = static _ => throw new SessionUnavailableException();

        var response = await app.SendAsync("/read", token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task Exception_of_the_store_outside_the_application_is_503()
    {
        await using var app = await TestApp.StartAsync(app =>
        {
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "zero"));
            app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a"));
        });
        var token = await app.NewSessionAsync();
        app.Store.Before = static _ => throw new InvalidDataException("a broken store");

        var response = await app.SendAsync("/read", token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.DoesNotContain("broken", (await response.ProblemAsync()).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotate_of_a_session_that_is_then_gone_hands_out_nothing()
    {
        await using var app = await TestApp.StartAsync(app =>
        {
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "zero"));
            app.MapGet("/rotate-set", async (HttpContext context) =>
            {
                await context.GetServerSession().RotateAsync();
                context.GetServerSession().Set("a", "one");
            });
        });
        var token = await app.NewSessionAsync();
        var commits = 0;
        app.Store.After = (operation, reply) => operation == "commit" && ++commits == 2 ? new SessionReply { Outcome = SessionOutcome.Gone } : reply;

        var response = await app.SendAsync("/rotate-set", token);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Empty(response.SetCookies());
    }

    [Fact]
    public async Task Rotate_before_an_unavailable_commit_still_hands_out_the_new_token()
    {
        await using var app = await TestApp.StartAsync(app =>
        {
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "zero"));
            app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
            app.MapGet("/rotate-set", async (HttpContext context) =>
            {
                await context.GetServerSession().RotateAsync();
                context.GetServerSession().Set("a", "one");
            });
        });
        var token = await app.NewSessionAsync();
        var commits = 0;
        app.Store.Before = operation => operation == "commit" && ++commits == 2 ? throw new SessionUnavailableException() : Task.CompletedTask;

        var response = await app.SendAsync("/rotate-set", token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("zero", await app.GetTextAsync("/read", response.Token()));
    }

    [Fact]
    public async Task Store_that_throws_at_once_or_cancels_is_unavailable()
    {
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Sessions = static sessions => sessions.Services.AddSingleton<IServerSessionStore, ThrowingStore>(),
            Inside = static app => app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "zero")),
        });

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.SendAsync("/set")).StatusCode);
    }

    private sealed class ThrowingStore : IServerSessionStore
    {
        public ValueTask<SessionReply> OpenAsync(SessionId id, VerifierHash verifier, OpenMode mode, CancellationToken cancellationToken) => throw new OperationCanceledException();

        public ValueTask<SessionReply> CreateAsync(SessionId id, CreateSession request, CancellationToken cancellationToken) => throw new OperationCanceledException();

        public ValueTask<SessionReply> CommitAsync(SessionId id, CommitSession request, CancellationToken cancellationToken) => throw new OperationCanceledException();

        public ValueTask<SessionReply> DestroyAsync(SessionId id, DestroySession request, CancellationToken cancellationToken) => throw new OperationCanceledException();
    }

    /// <summary>The answer to the flush once took as many changes off as it had sent, from those that were made after they were discarded.</summary>
    [Fact]
    public async Task Flush_under_way_when_the_exception_discards_changes_takes_nothing_of_the_error_page()
    {
        var held = new TaskCompletionSource();
        var flush = Task.CompletedTask;
        await using var failing = await TestApp.StartAsync(new TestSetup
        {
            Inside = app =>
            {
                app.UseExceptionHandler("/error");
                app.UseRouting();
                app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "zero"));
                app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("error") ?? "none");
                app.MapGet("/throw", (HttpContext context) =>
                {
                    context.GetServerSession().Set("a", "sent");
                    flush = context.GetServerSession().FlushAsync().AsTask();
                    throw new InvalidDataException("application");
                });
                app.MapGet("/error", async (HttpContext context) =>
                {
                    context.GetServerSession().Set("error", "shown");
                    held.SetResult();
                    await flush;
                });
            },
        });
        var token = await failing.NewSessionAsync();
        failing.Store.Before = operation => operation == "commit" ? held.Task : Task.CompletedTask;

        await failing.SendAsync("/throw", token);

        Assert.Equal("shown", await failing.GetTextAsync("/read", token));
    }
}
