using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>
/// A create that binds, of which the answer is lost: what it made must not take a place among the user's sessions. It used to stay until it expired, so that a user
/// who may have one session was locked out, and one who may have two lost the other.
/// </summary>
public sealed class AbandonedSignInTests
{
    private const string Lost = "The answer was lost.";

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(6);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sign_in_whose_first_answer_was_lost_leaves_one_session(bool ticket)
    {
        await using var app = await StartAsync(ticket, static options =>
        {
            options.RetryBudget = Budget;
            options.Subjects.MaximumSessions = 1;
        });
        LoseCreates(app, 1);

        var (status, token) = await PassWaitsAsync(app, SignInAsync(app, ticket));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(2, app.Store.Creates.Count);
        var listed = Assert.Single(await ListAsync(app));
        Assert.Equal(app.Store.Creates.Last().Id, listed.Id);
        Assert.Equal(1, app.Store.Count);
        Assert.NotNull(token);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sign_in_whose_first_answer_was_lost_ends_no_other_session_where_the_oldest_has_to_go(bool ticket)
    {
        await using var app = await StartAsync(ticket, static options =>
        {
            options.RetryBudget = Budget;
            options.Subjects.MaximumSessions = 2;
            options.Subjects.WhenFull = SubjectLimitPolicy.EndOldest;
        });
        await SignInAsync(app, ticket);
        var good = Assert.Single(await ListAsync(app)).Id;
        LoseCreates(app, 1);

        await PassWaitsAsync(app, SignInAsync(app, ticket));

        Assert.Equal([app.Store.Creates.Last().Id, good], (await ListAsync(app)).Select(static session => session.Id));
    }

    /// <summary>A message of the first attempt that arrives later would be listed after the second one, and end it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Second_attempt_is_sent_when_the_first_one_cannot_arrive_any_more(bool ticket)
    {
        await using var app = await StartAsync(ticket, static options => options.RetryBudget = Budget);
        LoseCreates(app, 2);

        await PassWaitsAsync(app, SignInAsync(app, ticket));

        var creates = app.Store.Creates.Select(static create => create.Request).ToArray();
        Assert.Equal(3, creates.Length);
        Assert.All(creates, static create => Assert.InRange(create.NotAfter!.Value - create.IssuedAt, CallBudget.Least, CallBudget.CallTimeout));
        Assert.True(creates[1].IssuedAt >= creates[0].NotAfter && creates[2].IssuedAt >= creates[1].NotAfter, "An attempt was sent while the one before could arrive.");
        Assert.Single(await ListAsync(app));
    }

    /// <summary>The session grain answered that it failed, so no message is on its way.</summary>
    [Fact]
    public async Task Second_attempt_after_a_failure_that_was_answered_does_not_wait()
    {
        await using var app = await StartAsync(ticket: false, static options => options.RetryBudget = Budget);
        LoseCreates(app, 1, new SessionUnavailableException(Lost));
        var began = app.Time.GetUtcNow();

        await PassWaitsAsync(app, SignInAsync(app, ticket: false));

        Assert.InRange(app.Time.GetUtcNow() - began, TimeSpan.Zero, TimeSpan.FromMilliseconds(50));
        Assert.Single(await ListAsync(app));
    }

    /// <summary>The user is told 503 and tries again.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sign_in_that_was_given_up_leaves_no_session_for_the_next_one(bool ticket)
    {
        await using var app = await StartAsync(ticket, static options =>
        {
            options.RetryBudget = TimeSpan.Zero;
            options.Subjects.MaximumSessions = 1;
        });
        LoseCreates(app, 1);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await SignInAsync(app, ticket)).Status);
        Assert.Equal(1, app.Store.Count);

        await app.Time.WaitedAsync(CallBudget.CallTimeout).WithinLimit("the end waits until the create cannot arrive any more");
        Assert.Equal(1, app.Store.Count);
        app.Time.Advance(CallBudget.CallTimeout);

        await UntilAsync(() => app.Store.Count == 0, "the abandoned session has ended");
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(app, ticket)).Status);
        Assert.Single(await ListAsync(app));
    }

    /// <summary>Nobody counts the sessions of nobody, and a create that binds nobody is not slowed down.</summary>
    [Fact]
    public async Task Create_without_a_user_is_repeated_at_once_and_ends_nothing()
    {
        await using var app = await StartAsync(ticket: false, static options => options.RetryBudget = Budget);
        LoseCreates(app, 1);

        await PassWaitsAsync(app, app.SendAsync("/set"));

        Assert.Equal(["create", "create"], app.Store.TakeCalls());
    }

    private static void LoseCreates(TestApp app, int times, Exception? failure = null) => app.Store.After = (operation, reply) =>
        operation == "create" && times-- > 0 ? throw failure ?? new SessionUnavailableException(Lost, new TimeoutException()) : reply;

    /// <summary>Moves the clock to the end of each wait of the request, none of which is longer than a call.</summary>
    private static async Task<T> PassWaitsAsync<T>(TestApp app, Task<T> request)
    {
        while (true)
        {
            var wait = app.Time.WaitedAsync(CallBudget.CallTimeout);
            if (await Task.WhenAny(request, wait) == request)
            {
                return await request;
            }

            app.Time.Advance(await wait);
        }
    }

    private static async Task<SubjectSession[]> ListAsync(TestApp app) => [.. (await app.Services.GetRequiredService<IServerSessionSubjects>().ListAsync("ada")).Sessions];

    private static async Task<(HttpStatusCode Status, string? Token)> SignInAsync(TestApp app, bool ticket)
    {
        if (ticket)
        {
            var (status, cookie) = await TicketApp.SignInAsync(app, "ada");
            return (status, cookie);
        }

        using var response = await app.SendAsync("/in/ada");
        return (response.StatusCode, response.Token());
    }

    private static Task<TestApp> StartAsync(bool ticket, Action<ServerSessionOptions> options) => ticket
        ? TicketApp.StartAsync(
            tickets: static tickets => tickets.Subject = static principal => principal.FindFirstValue(ClaimTypes.Name),
            options: options)
        : TestApp.StartAsync(new TestSetup
        {
            Options = options,
            Inside = static app =>
            {
                app.MapGet("/set", static (IServerSession session) => session.Set("cart", "one"));
                app.MapGet("/in/{user}", static (IServerSession session, string user) => session.BindToAsync(user));
            },
        });

    private static async Task UntilAsync(Func<bool> condition, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(90), $"It did not happen that {what}.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
