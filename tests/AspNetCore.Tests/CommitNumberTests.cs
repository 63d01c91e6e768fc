using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ServerSession.Tests;

/// <summary>Each commit says which is the first of its process that somebody still waits for.</summary>
public sealed class CommitNumberTests
{
    private IBackgroundSession? _background;

    private Task<TestApp> StartAsync() => TestApp.StartAsync(new TestSetup
    {
        Inside = app =>
        {
            app.MapGet("/set", static (HttpContext context) => context.GetServerSession().Set("a", "one"));
            app.MapGet("/background", async (HttpContext context) => _background = await context.GetServerSession().CreateBackgroundSessionAsync());
        },
    });

    [Fact]
    public async Task Commit_while_another_is_not_answered_names_that_one_and_afterwards_itself()
    {
        await using var app = await StartAsync();
        var (one, other) = (await app.NewSessionAsync(), await app.NewSessionAsync());
        app.Store.Commits.Clear();
        var release = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        app.Store.Before = operation =>
        {
            app.Store.Before = static _ => Task.CompletedTask;
            arrived.SetResult();
            return release.Task;
        };
        var held = app.SendAsync("/set", one);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);

        await app.SendAsync("/set", other);
        release.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await held).StatusCode);
        await app.SendAsync("/set", other);

        var (first, second, third) = (app.Store.Commits.ElementAt(0), app.Store.Commits.ElementAt(1), app.Store.Commits.ElementAt(2));
        Assert.Equal(first.Operation.Sequence, first.FirstUnanswered);
        Assert.Equal(first.Operation.Sequence, second.FirstUnanswered);
        Assert.Equal(third.Operation.Sequence, third.FirstUnanswered);
        Assert.Single(app.Store.Commits.Select(static commit => commit.Operation.Source).Distinct());
    }

    [Fact]
    public async Task Commit_after_one_that_failed_waits_for_that_one_no_longer()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        app.Store.Before = static _ => throw new SessionUnavailableException();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.SendAsync("/set", token)).StatusCode);
        app.Store.Before = static _ => Task.CompletedTask;

        await app.SendAsync("/set", token);

        var last = app.Store.Commits.Last();
        Assert.Equal(last.Operation.Sequence, last.FirstUnanswered);
    }

    [Fact]
    public async Task Commit_after_the_request_is_numbered_with_those_of_requests()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        await app.SendAsync("/background", token);
        app.Store.Commits.Clear();

        await _background!.SetAsync("a", "two");
        await app.SendAsync("/set", token);

        Assert.All(app.Store.Commits, static commit => Assert.Equal(commit.Operation.Sequence, commit.FirstUnanswered));
        Assert.Single(app.Store.Commits.Select(static commit => commit.Operation.Source).Distinct());
        Assert.Equal(2, app.Store.Commits.Count);
    }
}
