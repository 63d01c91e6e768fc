using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace ServerSession.Tests;

/// <summary>Compares what the cluster holds after the run with what its users were told.</summary>
internal sealed class Checker(Frontends frontends)
{
    private const int Parallel = 8;

    private readonly ConcurrentQueue<string> _faults = new();

    public IReadOnlyCollection<string> Faults => _faults;

    public async Task RunAsync(IReadOnlyCollection<KnownSession> sessions)
    {
        await EachAsync(sessions, SessionAsync);
        await EachAsync(sessions.SelectMany(static session => session.DeadCookies).ToArray(), DeadAsync);
    }

    private static Task EachAsync<T>(IEnumerable<T> items, Func<T, Task> look) => System.Threading.Tasks.Parallel.ForEachAsync(
        items, new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (item, _) => await look(item));

    private async Task DeadAsync(string cookie)
    {
        var answer = await KnownAnswer.OfAsync(() => frontends.DescribeAsync(cookie));
        if (answer.Status != HttpStatusCode.NotFound)
        {
            _faults.Enqueue($"a dead token was answered {answer}");
        }
    }

    private async Task SessionAsync(KnownSession session)
    {
        if (session.IsGone)
        {
            return;
        }

        var answer = await KnownAnswer.OfAsync(() => frontends.DescribeAsync(session.Cookie));
        if (answer.Status == HttpStatusCode.NotFound && session.MayBeGone)
        {
            return;
        }

        if (answer.Status != HttpStatusCode.OK)
        {
            session.Fault($"the session was answered {answer} after the run");
            return;
        }

        var keys = JsonSerializer.Deserialize<JsonElement>(answer.Text).GetProperty("keys").EnumerateArray().Select(static key => key.GetString()!).ToHashSet();
        foreach (var (key, facts) in session.Keys)
        {
            var value = await ValueAsync(session, key, keys.Remove(key));
            if (!facts.Allows(value))
            {
                session.Fault($"{key} holds {(value is null ? "nothing" : Payload.Name(value))} after the run instead of {facts.Candidates}");
            }
        }

        var number = long.Parse(await ValueAsync(session, KnownSession.CounterKey, keys.Remove(KnownSession.CounterKey)) ?? "0", CultureInfo.InvariantCulture);
        if (!session.Counter.Allows(number))
        {
            session.Fault($"the counter stands at {number} after the run instead of {session.Counter.Least} to {session.Counter.Most}");
        }

        if (keys.Count > 0)
        {
            session.Fault($"the session has keys that nobody set: {string.Join(", ", keys)}");
        }
    }

    private async Task<string?> ValueAsync(KnownSession session, string key, bool isListed)
    {
        var answer = await KnownAnswer.OfAsync(() => frontends.ReadAsync(session.Cookie, key));
        var isThere = answer.Status == HttpStatusCode.OK;
        if (isThere != isListed || (!isThere && answer.Status != HttpStatusCode.NotFound))
        {
            session.Fault($"{key} is listed: {isListed}, but answered {(int?)answer.Status}");
        }

        return isThere ? answer.Text : null;
    }
}
