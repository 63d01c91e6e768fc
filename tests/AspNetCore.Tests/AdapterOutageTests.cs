using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>
/// HttpContext.Session while the cluster is slow or away: what does not use its session once waited for it as long as what does, and what does waited
/// for two budgets.
/// </summary>
public sealed class AdapterOutageTests
{
    private static readonly string[] Untouching = ["/untouched", "/health", "/missing", "/site.css"];

    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static Task<TestApp> StartAsync(UnavailablePolicy policy = UnavailablePolicy.Fail) => TestApp.StartAsync(new TestSetup
    {
        Options = options => options.OnUnavailable = policy,
        Sessions = static sessions => sessions.AddAspNetCoreSession(),
        Inside = static app =>
        {
            app.Use(static (context, next) => context.Request.Path == "/site.css" ? context.Response.WriteAsync("css") : next(context));
            app.MapGet("/untouched", static () => "ok");
            app.MapGet("/health", static () => "healthy");
            app.MapGet("/set", static (HttpContext context) => context.Session.SetString("a", "one"));
            app.MapGet("/read", static (HttpContext context) => context.Session.GetString("a") ?? "none");
            app.MapGet("/read-other", static (HttpContext context) => context.Session.GetString("a") ?? "none");
            app.MapGet("/declared", static (HttpContext context) => context.Session.GetString("a") ?? "none").WithSessionLoad(SessionLoadTime.BeforeEndpoint);
            app.MapGet("/sometimes", static (HttpContext context, bool use) => use ? context.Session.GetString("a") ?? "none" : "unused");
            app.MapGet("/write", static (HttpContext context) => context.Session.SetString("b", "two"));
            app.MapGet("/load", static async (HttpContext context) =>
            {
                await context.Session.LoadAsync();
                return context.Session.GetString("a") ?? "none";
            });
            app.MapGet("/increment", static async (HttpContext context) => await context.GetServerSession().IncrementAsync("n"));
            app.MapGet("/rotate", static async (HttpContext context) => await context.GetServerSession().RotateAsync());
            app.MapGet("/destroy", static async (HttpContext context) => await context.GetServerSession().DestroyAsync());
            app.MapGet("/available", static (HttpContext context) => context.Session.IsAvailable);
        },
    });

    /// <summary>Sends requests that meet a store that does not answer, and lets the time pass that they are patient for.</summary>
    private async Task<Task<HttpResponseMessage>[]> SendAsync(TestApp app, string token, params string[] paths)
    {
        app.Time.ForgetWaits();
        app.Store.Calls.Clear();
        app.Store.Before = operation => operation == "open" ? _open.Task : Task.CompletedTask;
        var requests = paths.Select(path => app.SendAsync(path, token)).ToArray();
        foreach (var _ in paths)
        {
            await app.Time.WaitedForAsync(SessionPreload.Patience).WithinLimit("a request waits for its session");
        }

        app.Time.Advance(SessionPreload.Patience);
        return requests;
    }

    [Fact]
    public void Patience_of_these_tests_is_short() => Assert.InRange(SessionPreload.Patience, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(150));

    [Fact]
    public async Task Endpoint_that_does_not_use_its_session_answers_while_the_store_is_silent()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();

        var requests = await SendAsync(app, token, Untouching);

        var answers = await Task.WhenAll(requests).WithinLimit("the endpoints answer while the store does not");
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.OK], answers.Select(static answer => answer.StatusCode));
        _open.SetResult();
    }

    [Fact]
    public async Task Endpoints_that_do_not_use_their_session_answer_many_at_once_while_others_wait_for_theirs()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var paths = Enumerable.Repeat("/read", 16).Concat(Enumerable.Repeat("/untouched", 32)).ToArray();

        var requests = await SendAsync(app, token, paths);

        await Task.WhenAll(requests[16..]).WithinLimit("the endpoints answer while the store does not");
        _open.SetResult();
        await Task.WhenAll(requests).WithinLimit("the others answer");
    }

    /// <summary>One budget, not two: nothing is asked again after the load has failed.</summary>
    [Theory]
    [InlineData("/read")]
    [InlineData("/declared")]
    [InlineData("/write")]
    [InlineData("/load")]
    [InlineData("/increment")]
    [InlineData("/rotate")]
    [InlineData("/destroy")]
    public async Task Endpoint_that_uses_its_session_after_a_failed_load_is_503_after_one_call(string path)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        app.Store.Before = static _ => throw new SessionUnavailableException();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.SendAsync(path, token)).StatusCode);

        Assert.Equal(["open"], app.Store.TakeCalls());
    }

    [Theory]
    [InlineData("/read")]
    [InlineData("/write")]
    [InlineData("/load")]
    [InlineData("/increment")]
    public async Task Endpoint_that_uses_its_session_whose_load_fails_after_it_ran_is_503_after_one_call(string path)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();

        var request = Assert.Single(await SendAsync(app, token, path));
        _open.SetException(new SessionUnavailableException());

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await request.WithinLimit("the request ends")).StatusCode);
        Assert.Equal(["open"], app.Store.TakeCalls());
    }

    [Theory]
    [InlineData("/read", "one")]
    [InlineData("/load", "one")]
    [InlineData("/available", "true")]
    public async Task Endpoint_that_uses_its_session_during_a_slow_load_has_it(string path, string expected)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();

        var request = Assert.Single(await SendAsync(app, token, path));
        _open.SetResult();

        Assert.Equal(expected, await (await request.WithinLimit("the request ends")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/declared", false)]
    [InlineData("/read", true)]
    public async Task Endpoint_that_declares_its_session_or_is_known_to_use_it_waits_for_a_slow_load_without_a_thread(string path, bool known)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        if (known)
        {
            app.Store.Before = static async _ => await Task.Yield();
            Assert.Equal("one", await app.GetTextAsync(path, token));
        }

        app.Store.Calls.Clear();
        app.Store.Before = operation => operation == "open" ? _open.Task : Task.CompletedTask;
        var requests = Enumerable.Range(0, 4 * BlockingLoads.Maximum).Select(_ => app.GetTextAsync(path, token)).ToArray();
        await EndWithSessionTests.UntilAsync(() => app.Store.Calls.Count == requests.Length, "all requests ask for their session");

        app.Time.Advance(TimeSpan.FromSeconds(5));
        _open.SetResult();

        // More than the threads that may wait, and none was refused.
        Assert.All(await Task.WhenAll(requests).WithinLimit("the requests end"), static text => Assert.Equal("one", text));
    }

    [Fact]
    public async Task Endpoint_that_uses_its_session_sometimes_does_not_hold_up_requests_that_do_not_while_the_store_is_silent()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        app.Store.Before = static async _ => await Task.Yield();
        Assert.Equal("one", await app.GetTextAsync("/sometimes?use=true", token));
        Assert.Equal("unused", await app.GetTextAsync("/sometimes?use=false", token));

        var request = Assert.Single(await SendAsync(app, token, "/sometimes?use=false"));

        Assert.Equal(HttpStatusCode.OK, (await request.WithinLimit("the endpoint answers while the store does not")).StatusCode);
        _open.SetResult();
    }

    [Fact]
    public async Task Read_while_as_many_threads_wait_as_may_throws_at_once()
    {
        var loads = new BlockingLoads();
        var load = new TaskCompletionSource();
        var waiting = Enumerable.Range(0, BlockingLoads.Maximum).Select(_ => Task.Factory.StartNew(() => loads.Wait(load.Task), TaskCreationOptions.LongRunning)).ToArray();
        await EndWithSessionTests.UntilAsync(() => loads.Waiting == BlockingLoads.Maximum, "as many threads wait as may");

        Assert.Throws<SessionUnavailableException>(() => loads.Wait(load.Task));

        load.SetResult();
        await Task.WhenAll(waiting);
        loads.Wait(load.Task);
        Assert.Equal(0, loads.Waiting);
    }

    [Fact]
    public async Task Endpoint_that_uses_its_session_after_a_failed_load_goes_on_without_it_where_it_may_degrade()
    {
        await using var app = await StartAsync(UnavailablePolicy.Degrade);
        var token = await app.NewSessionAsync();
        app.Store.Before = static _ => throw new SessionUnavailableException();

        Assert.Equal("none", await app.GetTextAsync("/read", token));
        Assert.Equal("false", await app.GetTextAsync("/available", token));
        Assert.Equal(["open", "open"], app.Store.TakeCalls());
    }
}
