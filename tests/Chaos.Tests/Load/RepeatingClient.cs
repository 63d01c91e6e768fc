using System.Collections.Concurrent;
using System.Net;

namespace ServerSession.Tests;

/// <summary>
/// A client that repeats what was answered 503, once, after the time that its <c>Retry-After</c> says, and counts what it met. A connection that breaks is a failure, unless a
/// frontend is being stopped at that moment and one repeat is answered rightly. A repeat during which the machine stood still shows nothing, and is made once more where it is answered 503.
/// </summary>
/// <param name="isFrontendLeaving">Whether a frontend is being stopped now.</param>
/// <param name="pause">Waits before a repeat.</param>
/// <param name="stalls">For how long the machine has stood still so far.</param>
internal sealed class RepeatingClient(Func<bool> isFrontendLeaving, Func<TimeSpan, Task> pause, Func<TimeSpan> stalls)
{
    /// <summary>Silos look at their own membership more often than that where the machine lets them.</summary>
    private static readonly TimeSpan LongStall = TimeSpan.FromSeconds(1);

    /// <summary>Of all requests: two for each worker of the rolling restart. A cluster that refuses more is broken, however busy the machine is.</summary>
    private const int MostStalled = 12;

    private static readonly TimeSpan AfterBroken = TimeSpan.FromSeconds(2);

    private readonly ConcurrentQueue<string> _failures = new();
    private int _requests;
    private int _repeated;
    private int _broken;
    private int _stalled;

    public IReadOnlyCollection<string> Failures => _failures;

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>What it met, for the report of a run.</summary>
    public string Report => $"{_requests} requests, {_repeated} of them repeated after a 503; {_broken} broken by a frontend that was being stopped; {_stalled} repeated once more after a stall of the machine";

    /// <summary>Makes one request, and repeats it at most once, or twice where the machine stood still.</summary>
    /// <returns>Whether the last answer was right; otherwise it is among the failures.</returns>
    public async Task<bool> SendAsync(Func<Task<Answer>> send, Func<Answer, bool> isRight)
    {
        Interlocked.Increment(ref _requests);
        Answer? first = null;
        var isStalled = false;
        var before = stalls();
        while (true)
        {
            var isLeaving = isFrontendLeaving();
            var answer = await send();
            isLeaving |= isFrontendLeaving();
            if (first is null && answer.Status is null && isLeaving)
            {
                Interlocked.Increment(ref _broken);
                first = answer;
                await pause(AfterBroken);
            }
            else if (first is null && answer is { Status: HttpStatusCode.ServiceUnavailable, RetryAfter: { } time })
            {
                Interlocked.Increment(ref _repeated);
                first = answer;
                await pause(time);
            }
            else if (!isStalled && answer is { Status: HttpStatusCode.ServiceUnavailable, RetryAfter: { } next } && stalls() - before > LongStall
                && Interlocked.Increment(ref _stalled) <= MostStalled)
            {
                isStalled = true;
                await pause(next);
            }
            else if (isRight(answer))
            {
                return true;
            }
            else
            {
                _failures.Enqueue($"{(answer.Status is null ? "broken: " : "")}{answer}{(first is { } repeated ? $", the repeat of {repeated}" : "")}");
                return false;
            }
        }
    }
}
