using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary><see cref="ISessionFollower"/>: what it tells, what it extends, and what it leaves behind.</summary>
public sealed class SessionFollowerTests
{
    private static readonly TimeSpan Warning = TimeSpan.FromSeconds(60);

    private ISessionFollower? _follower;

    private Task<TestApp> StartAsync() => TestApp.StartAsync(app =>
    {
        app.MapGet("/set", static (HttpContext context) => context.GetServerSession().Set("a", "one"));
        app.MapGet("/read", static async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
        app.MapGet("/destroy", static async (HttpContext context) => await context.GetServerSession().DestroyAsync());
        app.MapGet("/peek", static async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none").WithSessionPeek();
        app.MapGet("/follow", async (HttpContext context) => (_follower = await context.FollowSessionAsync()) is not null).WithSessionPeek();
    });

    [Fact]
    public async Task Signals_are_live_then_a_warning_then_the_extension_by_another_request_then_the_end()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        Assert.Equal("true", await app.GetTextAsync("/follow", token));
        await using var follower = _follower!;
        await using var signals = follower.ReadSignalsAsync(Warning, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

        Assert.Equal(new SessionSignal(SessionSignalKind.Live, app.Time.GetUtcNow().AddMinutes(20)), await NextAsync(signals));
        Assert.Equal(SessionSignalKind.ExpiresSoon, await AdvanceToNextAsync(app, signals, TimeSpan.FromMinutes(19)));
        await app.SendAsync("/read", token);
        Assert.Equal(SessionSignalKind.Extended, await AdvanceToNextAsync(app, signals, TimeSpan.FromSeconds(5)));
        Assert.Equal(SessionSignalKind.ExpiresSoon, await AdvanceToNextAsync(app, signals, TimeSpan.FromMinutes(19)));
        Assert.Equal(SessionSignalKind.Ended, await AdvanceToNextAsync(app, signals, TimeSpan.FromSeconds(61)));
        Assert.False(await signals.MoveNextAsync());
        Assert.True(follower.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task Signals_session_destroyed_end_at_once_and_without_a_warning()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        await app.GetTextAsync("/follow", token);
        await using var follower = _follower!;
        await using var signals = follower.ReadSignalsAsync(Warning, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        await NextAsync(signals);
        var next = NextAsync(signals);

        await app.SendAsync("/destroy", token);

        Assert.Equal(SessionSignalKind.Ended, (await next).Kind);
    }

    [Fact]
    public async Task Signals_cancelled_throw()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        await app.GetTextAsync("/follow", token);
        await using var follower = _follower!;
        using var cancel = new CancellationTokenSource();
        await using var signals = follower.ReadSignalsAsync(Warning, cancel.Token).GetAsyncEnumerator(CancellationToken.None);
        await NextAsync(signals);
        var next = NextAsync(signals);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task Peeking_requests_and_followers_do_not_extend_the_session()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        app.Time.Advance(TimeSpan.FromMinutes(15));

        Assert.Equal("one", await app.GetTextAsync("/peek", token));
        Assert.Equal("true", await app.GetTextAsync("/follow", token));
        Assert.Equal(app.Time.GetUtcNow().AddMinutes(5), _follower!.ExpiresAt);
        app.Time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal("none", await app.GetTextAsync("/peek", token));
        Assert.DoesNotContain(OpenMode.Touch, app.Store.Opens);
    }

    [Fact]
    public async Task Activity_counted_extends_the_session_and_a_failed_one_is_counted_with_the_next()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        await app.GetTextAsync("/follow", token);
        await using var follower = _follower!;
        app.Store.Commits.Clear();
        app.Time.Advance(TimeSpan.FromMinutes(10));
        app.Store.Before = static operation => operation == "commit" ? throw new SessionUnavailableException() : Task.CompletedTask;
        follower.CountActivity();
        await EndWithSessionTests.UntilAsync(() => app.Store.Commits.Count == 1, "the access is tried");
        app.Store.Before = static _ => Task.CompletedTask;

        await EndWithSessionTests.UntilAsync(
            () =>
            {
                follower.CountActivity();
                return follower.ExpiresAt == app.Time.GetUtcNow().AddMinutes(20);
            },
            "the access is counted");
        Assert.Equal(2, app.Store.Commits.Count);
    }

    [Fact]
    public async Task Follow_without_a_session_is_null_and_a_disposed_follower_leaves_nothing_behind()
    {
        await using var app = await StartAsync();
        Assert.Equal("false", await app.GetTextAsync("/follow"));
        var token = await app.NewSessionAsync();
        await app.GetTextAsync("/follow", token);
        var endings = app.Services.GetRequiredService<SessionEndings>();
        Assert.Equal(1, endings.Count);

        await _follower!.DisposeAsync();
        await _follower.DisposeAsync();

        Assert.Equal(0, endings.Count);
    }

    private static async Task<SessionSignal> NextAsync(IAsyncEnumerator<SessionSignal> signals)
    {
        Assert.True(await signals.MoveNextAsync().AsTask().WithinLimit("a signal comes"));
        return signals.Current;
    }

    /// <summary>Lets time pass once somebody waits for it, and gives the signal that follows.</summary>
    private static async Task<SessionSignalKind> AdvanceToNextAsync(TestApp app, IAsyncEnumerator<SessionSignal> signals, TimeSpan time)
    {
        app.Time.ForgetWaits();
        var next = NextAsync(signals);
        await app.Time.WaitedAsync(time);
        app.Time.Advance(time);
        return (await next).Kind;
    }
}
