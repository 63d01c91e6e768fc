using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>What the commit at the first byte does besides: refusals of the grain, limits, callbacks, and changes that come too late.</summary>
public sealed class ResponseCommitTests
{
    [Theory]
    [InlineData(SessionOutcome.Gone, 409)]
    [InlineData(SessionOutcome.Stale, 409)]
    [InlineData(SessionOutcome.TooLarge, 413)]
    [InlineData(SessionOutcome.Mismatch, 422)]
    [InlineData(SessionOutcome.Late, 503)]
    public async Task Response_to_a_refused_commit_says_why_and_leaves_the_cookie(SessionOutcome outcome, int status)
    {
        await using var app = await TestApp.StartAsync(static app =>
        {
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "zero"));
            app.MapGet("/write", async (HttpContext context) =>
            {
                // Who has not seen the session alive has none where it is gone, and is not refused.
                await context.GetServerSession().ExistsAsync();
                context.GetServerSession().Set("a", "one");
                await context.Response.WriteAsync("text");
            });
        });
        var token = await app.NewSessionAsync();
        app.Store.After = (operation, reply) => operation == "commit" ? new SessionReply { Outcome = outcome } : reply;

        var response = await app.SendAsync("/write", token);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Empty(response.SetCookies());
        Assert.Equal(status, (await response.ProblemAsync()).GetProperty("status").GetInt32());
    }

    /// <summary>A request could once buffer and send any number of changes: the process held them, then its session grain did.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Changes_without_end_are_413_and_never_sent(bool adapter)
    {
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Sessions = sessions =>
            {
                if (adapter)
                {
                    sessions.AddAspNetCoreSession();
                }
            },
            Inside = app =>
            {
                app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "zero"));
                app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
                app.MapGet("/remove", (HttpContext context, int count) =>
                {
                    for (var number = 0; number < count; number++)
                    {
                        var key = number == 0 ? "a" : $"k{number}";
                        if (adapter)
                        {
                            context.Session.Remove(key);
                        }
                        else
                        {
                            context.GetServerSession().Remove(key);
                        }
                    }
                });
            },
        });
        var token = await app.NewSessionAsync();

        var refused = await app.SendAsync("/remove?count=1000000", token);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        Assert.Contains("4096", (await refused.ProblemAsync()).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("commit", app.Store.TakeCalls());
        Assert.Equal("zero", await app.GetTextAsync("/read", token));
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("/remove?count=4096", token)).StatusCode);
        Assert.Equal("none", await app.GetTextAsync("/read", token));
    }

    [Theory]
    [InlineData(Server.Memory)]
    [InlineData(Server.Http1)]
    [InlineData(Server.Http2)]
    public async Task Callbacks_given_after_first_use_run_last_in_first_out_before_the_commit(Server server)
    {
        var order = new List<string>();
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Server = server,
            Inside = app => app.MapGet("/", async (HttpContext context) =>
            {
                var session = context.GetServerSession();
                session.Set("a", "one");
                foreach (var name in new[] { "first", "second" })
                {
                    context.Response.OnStarting(() =>
                    {
                        session.Set(name, "callback");
                        order.Add(name);
                        return Task.CompletedTask;
                    });
                }

                await context.Response.WriteAsync("text");
            }),
        });
        app.Store.Before = operation =>
        {
            order.Add(operation);
            return Task.CompletedTask;
        };

        await app.SendAsync("/");

        Assert.Equal(["second", "first", "create"], order);
        Assert.Equal(3, app.Store.Creates.Single().Request.Changes.Count);
    }

    [Theory]
    [InlineData(Server.Memory)]
    [InlineData(Server.Http1)]
    [InlineData(Server.Http2)]
    public async Task Change_after_the_response_started_throws_and_is_not_committed(Server server)
    {
        Exception? thrown = null;
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Server = server,
            Inside = app => app.MapGet("/", async (HttpContext context) =>
            {
                var session = context.GetServerSession();
                await session.ExistsAsync();
                await context.Response.WriteAsync("text");
                thrown = Record.Exception(() => session.Set("a", "late"));
            }),
        });

        Assert.Equal("text", await app.GetTextAsync("/"));

        Assert.IsType<InvalidOperationException>(thrown);
        Assert.Empty(app.Store.Calls);
    }

    [Theory]
    [InlineData(Server.Http1)]
    [InlineData(Server.Http2)]
    public async Task Body_captured_before_first_use_is_committed_before_it_starts(Server server)
    {
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Server = server,
            Inside = app => app.MapGet("/", async (HttpContext context) =>
            {
                var body = context.Response.Body;
                context.GetServerSession().Set("a", "one");
                await body.WriteAsync("text"u8.ToArray());
            }),
        });

        var response = await app.SendAsync("/");
        Assert.Equal("text", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.NotNull(response.Token());

        app.Store.Before = static _ => throw new SessionUnavailableException();
        var failed = await app.SendAsync("/", response.Token());
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Equal("", await failed.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
