using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ServerSession.Tests;

/// <summary>All calls of a request to its session share one budget.</summary>
public sealed class BudgetTests
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(6);

    private static Task<TestApp> StartAsync(ISigningKeySource? keys = null) => TestApp.StartAsync(new TestSetup
    {
        Options = static options => options.RetryBudget = Budget,
        Sessions = sessions =>
        {
            if (keys is not null)
            {
                sessions.Services.Replace(ServiceDescriptor.Singleton(keys));
            }
        },
        Inside = static app =>
        {
            app.MapGet("/set", (HttpContext context) => context.GetServerSession().Set("a", "one"));
            app.MapGet("/read", async (HttpContext context) => await context.GetServerSession().GetAsync<string>("a") ?? "none");
            app.MapGet("/read-set", async (HttpContext context) =>
            {
                await context.GetServerSession().GetAsync<string>("a");
                context.GetServerSession().Set("a", "two");
            });
            app.MapGet("/flush-read", async (HttpContext context) =>
            {
                context.GetServerSession().Set("b", "one");
                await context.GetServerSession().FlushAsync();
                return await context.GetServerSession().GetAsync<string>("a") ?? "none";
            });
            app.MapGet("/rotate", async (HttpContext context) => await context.GetServerSession().RotateAsync());
            app.MapGet("/destroy", async (HttpContext context) => await context.GetServerSession().DestroyAsync());
        },
    });

    [Theory]
    [InlineData(0, 6000)]
    [InlineData(40, 6000)]
    [InlineData(1000, 5000)]
    [InlineData(5400, 600)]
    [InlineData(5900, 500)]
    [InlineData(30_000, 500)]
    public async Task Commit_after_a_slow_open_is_given_up_after_the_rest_of_the_budget(int open, int rest)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        app.Store.Before = async operation =>
        {
            await Task.Yield();
            app.Time.Advance(TimeSpan.FromMilliseconds(operation == "open" ? open : 0));
        };

        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("/read-set", token)).StatusCode);

        var commit = app.Store.Commits.Last();
        Assert.Equal(TimeSpan.FromMilliseconds(rest), commit.NotAfter - commit.IssuedAt);
    }

    [Theory]
    [InlineData("/set", "commit")]
    [InlineData("/rotate", "commit")]
    [InlineData("/destroy", "destroy")]
    public async Task Change_carries_the_time_at_which_its_request_gives_up(string path, string operation)
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        app.Store.Calls.Clear();

        await app.SendAsync(path, token);

        Assert.Contains(operation, app.Store.Calls);
        Assert.Equal(app.Time.GetUtcNow() + Budget, operation == "destroy" ? app.Store.Destroys.Single().NotAfter : app.Store.Commits.Last().NotAfter);
    }

    [Fact]
    public async Task Create_carries_the_time_at_which_its_request_gives_up()
    {
        await using var app = await StartAsync();

        await app.SendAsync("/set");

        Assert.Equal(app.Time.GetUtcNow() + Budget, app.Store.Creates.Single().Request.NotAfter);
    }

    [Fact]
    public async Task Create_that_fails_is_repeated_under_fresh_ids_until_the_budget_ends()
    {
        await using var app = await StartAsync();
        app.Time.JumpsWaits = true;
        app.Store.Before = static _ => throw new SessionUnavailableException();
        var began = app.Time.GetUtcNow();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.SendAsync("/set")).StatusCode);

        Assert.Equal(Budget, app.Time.GetUtcNow() - began);
        Assert.True(app.Store.Creates.Count > 5, $"Only {app.Store.Creates.Count} creates were tried.");
        Assert.Equal(app.Store.Creates.Count, app.Store.Creates.Select(static create => create.Id).Distinct().Count());
        Assert.All(app.Store.Creates, create => Assert.InRange(create.Request.NotAfter!.Value - began, Budget, Budget + CallBudget.Least));
    }

    [Fact]
    public async Task Open_after_a_slow_commit_is_not_waited_for_longer_than_the_rest()
    {
        await using var app = await StartAsync();
        var token = await app.NewSessionAsync();
        var began = app.Time.GetUtcNow();
        app.Store.Before = async operation =>
        {
            if (operation == "open")
            {
                app.Time.JumpsWaits = true;
                await new TaskCompletionSource().Task;
            }

            await Task.Yield();
            app.Time.Advance(TimeSpan.FromSeconds(2));
        };

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.SendAsync("/flush-read", token)).StatusCode);

        Assert.Equal(Budget, app.Time.GetUtcNow() - began);
    }

    [Fact]
    public async Task Ring_that_is_read_for_ever_is_503_when_the_budget_ends()
    {
        await using var app = await StartAsync(new HangingKeys());
        app.Time.JumpsWaits = true;
        var began = app.Time.GetUtcNow();
        var key = new TokenSigningKey(RandomNumberGenerator.GetBytes(32), DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.SendAsync("/read", SessionToken.New().Encode(key))).StatusCode);
        Assert.Equal(Budget, app.Time.GetUtcNow() - began);
    }

    /// <summary>The read is one for the whole process: it ends a budget after it began, not after a request that has joined it did.</summary>
    [Fact]
    public async Task Ring_whose_read_under_way_fails_is_read_again_for_a_request_that_joined_it()
    {
        var key = new TokenSigningKey(RandomNumberGenerator.GetBytes(32), DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        var keys = new KeysOfTheSecondRead(new TokenSigningKeyRing([key]));
        await using var app = await StartAsync(keys);
        await keys.Asked;
        app.Time.Advance(Budget - TimeSpan.FromMilliseconds(100));
        app.Time.ForgetWaits();
        var request = app.SendAsync("/read", SessionToken.New().Encode(key));
        await app.Time.WaitedForAsync(Budget);

        app.Time.Advance(TimeSpan.FromMilliseconds(100));
        keys.FailFirst();

        Assert.Equal(HttpStatusCode.OK, (await request).StatusCode);
    }

    private sealed class KeysOfTheSecondRead(TokenSigningKeyRing ring) : ISigningKeySource
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<TokenSigningKeyRing> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Changes => true;

        /// <summary>Ends when the first read has begun.</summary>
        public Task Asked => _asked.Task;

        public void FailFirst() => _first.SetException(new SessionUnavailableException());

        public ValueTask<TokenSigningKeyRing> GetAsync() => _asked.TrySetResult() ? new(_first.Task) : new(ring);
    }

    private sealed class HangingKeys : ISigningKeySource
    {
        public bool Changes => true;

        public ValueTask<TokenSigningKeyRing> GetAsync() => new(new TaskCompletionSource<TokenSigningKeyRing>().Task);
    }
}
