using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using static ServerSession.Tests.SecondRequest;

namespace ServerSession.Tests;

/// <summary>
/// A handle that outlives its request. The server gives the HttpContext to the next request of the connection, so the handle read and wrote the
/// session of whoever came next.
/// </summary>
public sealed class RequestEndTests
{
    public enum Source
    {
        Context,
        Injected,
        Adapter,
    }

    public enum End
    {
        Answered,
        Threw,
        Refused,
        ReExecuted,
        Aborted,
    }

    public static TheoryData<Server, Source, bool> ServersAndSources => new(
        from server in Enum.GetValues<Server>() from source in Enum.GetValues<Source>() from used in new[] { true, false } select (server, source, used));

    public static TheoryData<Server, End> ServersAndEnds => new(
        from server in Enum.GetValues<Server>() from end in Enum.GetValues<End>() select (server, end));

    private readonly SecondRequest _second = new();
    private object? _handle;
    private HttpContext? _context;

    [Fact]
    public void Members_listed_here_are_all_members()
    {
        Assert.Equal(NamesOf(typeof(IServerSession)), SessionMembers.OfServerSession.Keys.Order());
        Assert.Equal(NamesOf(typeof(ISession)), SessionMembers.OfSession.Keys.Order());

        static IEnumerable<string> NamesOf(Type type) =>
            type.GetMethods().Select(static method => method.Name.Replace("get_", "", StringComparison.Ordinal)).Distinct().Order();
    }

    /// <summary>The next request of the connection is another user's, and the handle is used while that one runs.</summary>
    [Theory]
    [MemberData(nameof(ServersAndSources))]
    public async Task Handle_used_in_the_next_request_of_the_connection_throws_and_touches_nothing_of_it(Server server, Source source, bool used)
    {
        await using var app = await StartAsync(server, source == Source.Adapter);
        using var client = OneConnection(app);
        var first = await app.NewSessionAsync();
        var second = await app.NewSessionAsync();
        var failures = new List<string>();
        var reused = false;
        _second.Work = async context =>
        {
            reused |= ReferenceEquals(context, _context);
            foreach (var (name, call) in Calls())
            {
                var thrown = await Record.ExceptionAsync(call);
                if (thrown is not ObjectDisposedException { Message: var message } || !message.Contains("CreateBackgroundSessionAsync", StringComparison.Ordinal))
                {
                    failures.Add($"{name}: {thrown?.ToString() ?? "nothing thrown"}");
                }
            }
        };
        for (var attempt = 0; attempt < 20 && (attempt == 0 || (!reused && server != Server.Memory)); attempt++)
        {
            _second.ExpectEnd();
            await GetAsync(client, $"/leak?source={source}&used={used}", first);
            await _second.Ended.WithinLimit("the first request is over");

            var answer = await GetAsync(client, "/second", second);

            Assert.Equal("second", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.Empty(failures);
            Assert.Empty(answer.SetCookies());
            Assert.Null(answer.Headers.CacheControl);
            Assert.False(answer.Headers.Contains("Vary"));
        }

        Assert.True(reused || server == Server.Memory, "The server never used an HttpContext again, so the test shows nothing.");
        Assert.Equal("one", await ReadAsync(client, first));
        Assert.Equal("one", await ReadAsync(client, second));
        Assert.DoesNotContain(app.Store.TakeCalls(), static call => call is "commit" or "create" or "destroy");
    }

    /// <summary>However the request ends, its handles are closed.</summary>
    [Theory]
    [MemberData(nameof(ServersAndEnds))]
    public async Task Handle_of_a_request_that_ended_is_closed(Server server, End end)
    {
        await using var app = await StartAsync(server, adapter: false);
        var token = await app.NewSessionAsync();
        using var client = OneConnection(app);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var entered = New();
        _second.Work = async context =>
        {
            entered.TrySetResult();
            var left = New();
            using var registration = context.RequestAborted.Register(left.SetResult);
            await left.Task.WaitAsync(TestContext.Current.CancellationToken);
        };
        app.Store.Before = operation => operation == "commit" && end == End.Refused ? throw new SessionUnavailableException() : Task.CompletedTask;
        _second.ExpectEnd();

        var request = GetAsync(client, $"/end?how={end}", token, leaving.Token);
        if (end == End.Aborted)
        {
            await entered.Task.WithinLimit("the request runs");
            await leaving.CancelAsync();
        }

        var failure = await Record.ExceptionAsync(() => request);

        Assert.Equal(end == End.Aborted || (end == End.Threw && server == Server.Memory), failure is not null);
        Assert.Equal(end == End.Refused, failure is null && (await request).StatusCode == HttpStatusCode.ServiceUnavailable);
        if (server != Server.Memory || failure is null)
        {
            await _second.Ended.WithinLimit("the request is over");
        }

        foreach (var (name, call) in Calls())
        {
            // The test server tells its client of an exception before it disposes of the HttpContext.
            await UntilThrownAsync(call).WithinLimit($"{name} throws");
        }
    }

    [Theory]
    [InlineData(Server.Memory)]
    [InlineData(Server.Http1)]
    [InlineData(Server.Http2)]
    public async Task Handle_after_the_response_started_still_reads_while_the_pipeline_runs(Server server)
    {
        await using var app = await StartAsync(server, adapter: false);
        var token = await app.NewSessionAsync();
        _second.Work = static async context =>
        {
            var session = context.GetServerSession();
            await context.Response.WriteAsync(await session.GetAsync<string>("a") ?? "none");
            await context.Response.WriteAsync(await session.GetAsync<string>("a") ?? "none");
        };

        Assert.Equal("oneonesecond", await app.GetTextAsync("/second", token));
    }

    [Fact]
    public async Task Scope_that_outlives_its_request_gives_no_session_of_the_next()
    {
        AsyncServiceScope? scope = null;
        Exception? thrown = null;
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Server = Server.Http1,
            Outside = app => app.Use(async (context, next) =>
            {
                context.Response.OnCompleted(_second.OnOver);
                if (context.Request.Path == "/first")
                {
                    scope = context.RequestServices.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
                    var before = context.RequestServices;
                    context.RequestServices = scope.Value.ServiceProvider;
                    await next(context);
                    context.RequestServices = before;
                }
                else
                {
                    await next(context);
                }
            }),
            Inside = app =>
            {
                Map(app);
                app.MapGet("/first", static () => "first");
            },
        });
        using var client = OneConnection(app);
        var token = await app.NewSessionAsync();
        _second.ExpectEnd();
        await GetAsync(client, "/first", token);
        await _second.Ended.WithinLimit("the first request is over");
        _second.Work = _ =>
        {
            thrown = Record.Exception(() => scope!.Value.ServiceProvider.GetRequiredService<IServerSession>());
            return Task.CompletedTask;
        };

        await GetAsync(client, "/second", token);

        Assert.Contains("is over", Assert.IsType<ObjectDisposedException>(thrown).Message, StringComparison.Ordinal);
        await scope!.Value.DisposeAsync();
    }

    /// <summary>A server, or a middleware, may leave the features of the last request in the collection.</summary>
    [Fact]
    public async Task Feature_left_from_a_request_that_is_over_is_replaced()
    {
        ServerSessionFeature? old = null;
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Outside = app => app.Use((context, next) =>
            {
                context.Response.OnCompleted(_second.OnOver);
                if (old is { } left)
                {
                    context.Features.Set(left);
                    context.Features.Set<ISessionFeature>(left);
                }

                return next(context);
            }),
            Inside = app =>
            {
                app.Use((context, next) =>
                {
                    old = context.Features.Get<ServerSessionFeature>();
                    return next(context);
                });
                Map(app);
            },
        });
        _second.ExpectEnd();
        var token = await app.NewSessionAsync();
        await _second.Ended.WithinLimit("the first request is over");

        Assert.Equal("one", await app.GetTextAsync("/read", token));
    }

    private static async Task UntilThrownAsync(Func<Task> call)
    {
        while (await Record.ExceptionAsync(call) is not ObjectDisposedException)
        {
            await Task.Yield();
        }
    }

    private IEnumerable<(string Name, Func<Task> Call)> Calls() => _handle switch
    {
        IServerSession session => SessionMembers.OfServerSession.Select(member => (member.Key, (Func<Task>)(() => member.Value(session)))),
        ISession session => SessionMembers.OfSession.Select(member => (member.Key, (Func<Task>)(() => member.Value(session)))),
        _ => throw new InvalidOperationException("No handle was kept."),
    };

    private Task<TestApp> StartAsync(Server server, bool adapter) => _second.StartAsync(server, adapter, Map);

    private void Map(WebApplication app)
    {
        _second.Map(app);
        app.MapGet("/leak", async (HttpContext context, Source source, bool used) =>
        {
            _context = context;
            _handle = source switch
            {
                Source.Context => context.GetServerSession(),
                Source.Injected => context.RequestServices.GetRequiredService<IServerSession>(),
                _ => context.Session,
            };
            if (used)
            {
                await context.GetServerSession().GetAsync<string>("a");
            }
        }).WithSessionLoad(SessionLoadTime.OnUse);
        app.MapGet("/again", static async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
        app.MapGet("/end", async (HttpContext context, End how) =>
        {
            var session = context.GetServerSession();
            _handle = session;
            await session.GetAsync<string>("a");
            switch (how)
            {
                case End.Threw:
                    throw new InvalidDataException("application");
                case End.Refused:
                    session.Set("a", "refused");
                    break;
                case End.ReExecuted:
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    break;
                case End.Aborted:
                    await _second.Work(context);
                    break;
            }
        });
    }
}
