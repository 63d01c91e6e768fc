using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary><see cref="IServerSession.Ended"/>: fires at the end of the session however it ends, and leaves nothing behind.</summary>
public sealed class EndedTests
{
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();

    private Task<TestApp> StartAsync() => TestApp.StartAsync(app =>
    {
        app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one"));
        app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
        app.MapGet("/destroy", async (HttpContext context) => await context.GetServerSession().DestroyAsync());
        app.MapGet("/wait", async (HttpContext context) =>
        {
            var session = context.GetServerSession();
            await session.ExistsAsync();
            var ended = new TaskCompletionSource();
            using var registration = session.Ended.Register(ended.SetResult);
            _events.Writer.TryWrite("waiting");
            await ended.Task.WaitAsync(context.RequestAborted);
            return "ended";
        });
        app.MapGet("/look", async (HttpContext context) =>
        {
            var session = context.GetServerSession();
            await session.ExistsAsync();
            return session.Ended.CanBeCanceled;
        });
        app.MapGet("/none", static (HttpContext context) => context.GetServerSession().Ended.CanBeCanceled);
    });

    private Task WaitingAsync() => _events.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask();

    [Fact]
    public async Task Ended_when_another_request_destroys_the_session_fires()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var waiting = app.GetTextAsync("/wait", token);
        await WaitingAsync();

        await app.SendAsync("/destroy", token);

        Assert.Equal("ended", await waiting);
        await EndWithSessionTests.UntilForgottenAsync(app);
    }

    [Fact]
    public async Task Ended_when_administration_destroys_the_session_fires()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var waiting = app.GetTextAsync("/wait", token);
        await WaitingAsync();

        await app.Services.GetRequiredService<ISessionAdministration>().DestroyAsync(app.Store.Creates.Single().Id);

        Assert.Equal("ended", await waiting);
    }

    [Fact]
    public async Task Ended_when_another_request_finds_the_session_gone_fires()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var waiting = app.GetTextAsync("/wait", token);
        await WaitingAsync();

        app.Store.After = static (operation, reply) => operation == "open" ? SessionReply.Of(SessionOutcome.Gone) : reply;
        await app.SendAsync("/read", token);

        Assert.Equal("ended", await waiting);
    }

    [Fact]
    public async Task Ended_at_the_deadline_fires_after_asking_the_session_grain()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var waiting = app.GetTextAsync("/wait", token);
        await WaitingAsync();

        app.Time.Advance(TimeSpan.FromMinutes(20));

        Assert.Equal("ended", await waiting);
    }

    [Fact]
    public async Task Ended_at_a_deadline_that_a_touch_moved_fires_at_the_later_one()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var waiting = app.GetTextAsync("/wait", token);
        await WaitingAsync();

        app.Time.Advance(TimeSpan.FromMinutes(15));
        await app.SendAsync("/read", token);
        app.Time.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal("one", await app.GetTextAsync("/read", token));
        Assert.False(waiting.IsCompleted);
        app.Time.Advance(TimeSpan.FromMinutes(21));

        Assert.Equal("ended", await waiting);
    }

    [Fact]
    public async Task Ended_of_a_completed_request_is_forgotten()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();

        Assert.Equal("true", await app.GetTextAsync("/look", token));

        // The test server completes a request after it has handed out the response.
        await EndWithSessionTests.UntilForgottenAsync(app);
    }

    [Theory]
    [InlineData("/none")]
    [InlineData("/look")]
    public async Task Ended_without_a_session_cannot_be_cancelled(string path)
    {
        await using var app = await StartAsync();

        Assert.Equal("false", await app.GetTextAsync(path));
    }
}
