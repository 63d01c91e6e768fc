using System.Collections.Concurrent;
using System.Net;

namespace ServerSession.Tests;

/// <summary>
/// A client that repeats what was answered 503, as its <c>Retry-After</c> says, and counts what it met. A connection that breaks is a failure, unless a
/// frontend is being stopped at that moment and one repeat is answered rightly.
/// </summary>
/// <param name="isFrontendLeaving">Whether a frontend is being stopped now.</param>
/// <param name="repeats">How many times a request is repeated at most.</param>
/// <param name="pause">Waits before a repeat.</param>
internal sealed class RepeatingClient(Func<bool> isFrontendLeaving, int repeats, Func<Task> pause)
{
    private readonly ConcurrentQueue<string> _failures = new();
    private int _requests;
    private int _repeated;
    private int _repeatedAgain;
    private int _broken;

    public IReadOnlyCollection<string> Failures => _failures;

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>What it met, for the report of a run.</summary>
    public string Report => $"{_requests} requests, {_repeated} of them repeated after a 503, {_repeatedAgain} of those more than once; {_broken} broken by a frontend that was being stopped";

    /// <summary>Makes one request, and what it takes of repeats.</summary>
    /// <returns>Whether the last answer was right; otherwise it is among the failures.</returns>
    public async Task<bool> SendAsync(Func<Task<Answer>> send, Func<Answer, bool> isRight)
    {
        Interlocked.Increment(ref _requests);
        var hasBroken = false;
        for (var repeat = 0; ; repeat++)
        {
            var isLeaving = isFrontendLeaving();
            var answer = await send();
            isLeaving |= isFrontendLeaving();
            if (answer.Status is null && isLeaving && !hasBroken)
            {
                hasBroken = true;
                Interlocked.Increment(ref _broken);
            }
            else if (answer.Status == HttpStatusCode.ServiceUnavailable && !hasBroken && repeat < repeats)
            {
                Interlocked.Increment(ref repeat == 0 ? ref _repeated : ref _repeatedAgain);
            }
            else
            {
                if (isRight(answer))
                {
                    return true;
                }

                _failures.Enqueue($"{(answer.Status is null ? "broken: " : "")}{answer}{(hasBroken ? " after a broken connection" : "")}{(repeat > 0 ? $", repeated {repeat} times" : "")}");
                return false;
            }

            await pause();
        }
    }
}
