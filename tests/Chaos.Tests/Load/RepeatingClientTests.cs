using System.Net;

namespace ServerSession.Tests;

/// <summary>The judge of the rolling restart: what it lets pass and what it does not.</summary>
public sealed class RepeatingClientTests
{
    private static readonly Answer Right = new(HttpStatusCode.OK, "kept", null);
    private static readonly Answer Wrong = new(HttpStatusCode.OK, "lost", null);
    private static readonly Answer Refused = new(HttpStatusCode.ServiceUnavailable, "", null) { RetryAfter = TimeSpan.FromSeconds(7) };
    private static readonly Answer Broken = new(null, "The connection was reset.", null);

    [Fact]
    public async Task Broken_connection_while_no_frontend_is_being_stopped_is_a_failure() => Assert.Contains("broken", await FailureAsync(isLeaving: false, Broken, Right));

    [Fact]
    public async Task Broken_connection_of_a_frontend_that_is_being_stopped_is_repeated_once()
    {
        Assert.Null(await FailureAsync(isLeaving: true, Broken, Right));
        Assert.NotNull(await FailureAsync(isLeaving: true, Broken, Broken, Right));
        Assert.NotNull(await FailureAsync(isLeaving: true, Broken, Refused, Right));
        Assert.NotNull(await FailureAsync(isLeaving: true, Broken, Wrong));
    }

    [Fact]
    public async Task Unavailable_is_repeated_once()
    {
        Assert.Null(await FailureAsync(isLeaving: false, Right));
        Assert.Null(await FailureAsync(isLeaving: false, Refused, Right));
        Assert.NotNull(await FailureAsync(isLeaving: false, Refused, Refused, Right));
        Assert.NotNull(await FailureAsync(isLeaving: true, Refused, Broken, Right));
        Assert.NotNull(await FailureAsync(isLeaving: false, Wrong));
    }

    [Fact]
    public async Task Unavailable_that_does_not_say_when_to_repeat_is_a_failure() =>
        Assert.NotNull(await FailureAsync(isLeaving: false, Refused with { RetryAfter = null }, Right));

    [Fact]
    public async Task Repeat_comes_after_the_time_that_the_answer_says()
    {
        List<TimeSpan> pauses = [];

        await FailureAsync(isLeaving: false, pauses, Refused, Right);

        Assert.Equal([Refused.RetryAfter.GetValueOrDefault()], pauses);
    }

    private static Task<string?> FailureAsync(bool isLeaving, params Answer[] answers) => FailureAsync(isLeaving, [], answers);

    [Fact]
    public async Task Repeat_that_met_a_stall_of_the_machine_is_made_once_more()
    {
        Assert.Null(await FailureAsync(isLeaving: false, [], Growing(), Refused, Refused, Right));
        Assert.NotNull(await FailureAsync(isLeaving: false, [], Growing(), Refused, Refused, Refused, Right));
    }

    [Fact]
    public async Task Repeats_that_met_stalls_of_the_machine_are_made_once_more_for_a_few_requests_only()
    {
        var client = new RepeatingClient(static () => false, static _ => Task.CompletedTask, Growing());
        for (var request = 1; client.Failures.Count == 0; request++)
        {
            var answers = new Queue<Answer>([Refused, Refused, Right]);

            Assert.Equal(request <= 12, await client.SendAsync(() => Task.FromResult(answers.Dequeue()), static answer => answer == Right));
        }
    }

    /// <summary>A machine that stands still all the time.</summary>
    private static Func<TimeSpan> Growing()
    {
        var stalled = TimeSpan.Zero;
        return () => stalled += TimeSpan.FromSeconds(2);
    }

    private static Task<string?> FailureAsync(bool isLeaving, List<TimeSpan> pauses, params Answer[] answers) => FailureAsync(isLeaving, pauses, static () => TimeSpan.Zero, answers);

    private static async Task<string?> FailureAsync(bool isLeaving, List<TimeSpan> pauses, Func<TimeSpan> stalls, params Answer[] answers)
    {
        var client = new RepeatingClient(() => isLeaving, time =>
        {
            pauses.Add(time);
            return Task.CompletedTask;
        }, stalls);
        var next = 0;

        await client.SendAsync(() => Task.FromResult(answers[next++]), static answer => answer == Right);

        return client.Failures.SingleOrDefault();
    }
}
