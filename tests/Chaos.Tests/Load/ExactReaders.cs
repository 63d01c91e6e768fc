using System.Collections.Concurrent;
using System.Globalization;
using System.Net;

namespace ServerSession.Tests;

/// <summary>
/// Sessions whose one key is counted up by several writers at once, through all frontends, and read meanwhile at an endpoint that declares no staleness. A read
/// must be no older than the last increment that was acknowledged, and the highest value that was read, before it began, and no higher than what was sent until
/// it ended. The order of increments is that of their answers, so the bounds hold for any number of writers, also where some of them are in doubt.
/// </summary>
internal sealed class ExactReaders : IAsyncDisposable
{
    private const string Key = "counted";
    private const int Sessions = 2;
    private const int WritersOfOne = 2;
    private const int Attempts = 100;

    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenReads = TimeSpan.FromMilliseconds(25);

    private readonly ConcurrentQueue<string> _faults = new();
    private readonly Frontends _frontends;
    private readonly CountedSession[] _sessions;
    private readonly Task _done;
    private volatile bool _over;
    private long _reads;
    private long _beside;

    private ExactReaders(Frontends frontends, IEnumerable<string> cookies)
    {
        _frontends = frontends;
        _sessions = [.. cookies.Select(static cookie => new CountedSession(cookie))];
        _done = Task.WhenAll(_sessions.SelectMany(session =>
            Enumerable.Range(0, WritersOfOne).Select(_ => Task.Run(() => WriteAsync(session))).Append(Task.Run(() => ReadAsync(session)))));
    }

    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>Reads during which an increment of the same session was under way.</summary>
    public long Beside => Volatile.Read(ref _beside);

    public string Summary => string.Create(
        CultureInfo.InvariantCulture, $"{_reads} exact reads, {Beside} of them beside a write of the same session, {_sessions.Sum(static session => session.Acknowledged)} acknowledged increments");

    public static async Task<ExactReaders> StartAsync(Frontends frontends) =>
        new(frontends, await Task.WhenAll(Enumerable.Range(0, Sessions).Select(_ => KnownAnswer.CookieOfNewAsync(frontends, "name", "counted"))));

    /// <summary>Lets the requests at hand finish and reads each session once more.</summary>
    public async Task StopAsync()
    {
        _over = true;
        await _done;
        await Task.WhenAll(_sessions.Select(async session =>
        {
            for (var attempt = 0; !await TryReadAsync(session); attempt++)
            {
                if (attempt == Attempts)
                {
                    _faults.Enqueue("a counted session could not be read after the run");
                    return;
                }

                await Task.Delay(BetweenWrites);
            }
        }));
    }

    public async ValueTask DisposeAsync()
    {
        _over = true;
        await _done.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WriteAsync(CountedSession session)
    {
        while (!_over)
        {
            session.Sends();
            var answer = await _frontends.IncrementAsync(session.Cookie, Key);
            if (answer.Status == HttpStatusCode.OK)
            {
                session.WasAcknowledged(Number(answer));
            }
            else if (!answer.IsInDoubt)
            {
                _faults.Enqueue($"an increment beside a reader was answered {answer}");
            }

            session.IsAnswered();
            await Task.Delay(BetweenWrites);
        }
    }

    private async Task ReadAsync(CountedSession session)
    {
        while (!_over)
        {
            await TryReadAsync(session);
            await Task.Delay(BetweenReads);
        }
    }

    /// <summary>Whether the read was answered; then it is judged.</summary>
    private async Task<bool> TryReadAsync(CountedSession session)
    {
        var least = session.Least;
        var isBeside = session.IsBeingWritten;
        var answer = await _frontends.ReadAsync(session.Cookie, Key);
        if (answer.IsInDoubt)
        {
            return false;
        }

        // Before the first increment the key is not there.
        var isThere = answer.Status == HttpStatusCode.OK;
        var value = isThere ? Number(answer) : 0;
        if ((!isThere && answer.Status != HttpStatusCode.NotFound) || !session.Allows(value, least))
        {
            _faults.Enqueue($"an exact read was answered {answer} where {least} to {session.Sent} was possible");
        }

        session.WasSeen(value);
        Interlocked.Increment(ref _reads);
        if (isBeside || session.IsBeingWritten)
        {
            Interlocked.Increment(ref _beside);
        }

        return true;
    }

    private static long Number(Answer answer) => long.Parse(answer.Text, CultureInfo.InvariantCulture);
}
