using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace ServerSession.Tests;

/// <summary>Compares what the restarted server says with what its users were told.</summary>
internal sealed class Check(SessionApi api)
{
    private const int Parallel = 16;
    private readonly ConcurrentQueue<string> _faults = new();

    public IEnumerable<string> Faults => _faults;

    /// <summary>Looks at every session; doubts are over afterwards: what was found is what is.</summary>
    public Task AllAsync(IEnumerable<Visit> visits) => EachAsync(visits, VisitAsync);

    /// <summary>Shows tokens that must not open anything.</summary>
    public Task DeadAsync(IEnumerable<string> cookies) => EachAsync(cookies, async cookie =>
    {
        var answer = await AnswerAsync(() => api.DescribeAsync(cookie));
        if (answer.Status != HttpStatusCode.NotFound)
        {
            _faults.Enqueue($"a dead token was answered {answer}");
        }
    });

    private static Task EachAsync<T>(IEnumerable<T> items, Func<T, Task> look) =>
        System.Threading.Tasks.Parallel.ForEachAsync(
            items, new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (item, _) => await look(item));

    /// <summary>A server that has just started may answer its first requests with 503; then the request is made again, as the answer says.</summary>
    private static async Task<Answer> AnswerAsync(Func<Task<Answer>> read)
    {
        var began = TimeProvider.System.GetTimestamp();
        Answer answer;
        while ((answer = await read()).Status == HttpStatusCode.ServiceUnavailable && TimeProvider.System.GetElapsedTime(began) < Eventually.Patience)
        {
            await Task.Delay(250);
        }

        return answer;
    }

    private async Task VisitAsync(Visit visit)
    {
        foreach (var fault in visit.Faults)
        {
            _faults.Enqueue(fault);
        }

        if (visit.IsGone)
        {
            return;
        }

        var answer = await AnswerAsync(() => api.DescribeAsync(visit.Cookie));
        if (answer.Status == HttpStatusCode.NotFound && visit.MayBeGone)
        {
            visit.Ended();
            return;
        }

        if (answer.Status != HttpStatusCode.OK)
        {
            _faults.Enqueue($"a session with {visit.Keys.Count} keys was answered {answer}");
            return;
        }

        visit.MayBeGone = false;
        var session = JsonSerializer.Deserialize<JsonElement>(answer.Text);
        var id = session.GetProperty("id").GetString()!;
        var keys = session.GetProperty("keys").EnumerateArray().Select(static key => key.GetString()!).ToHashSet();
        foreach (var (key, facts) in visit.Keys)
        {
            await KeyAsync(visit, id, key, facts, keys.Remove(key));
        }

        await CounterAsync(visit, id, keys.Remove(Visit.CounterKey));
        if (keys.Count > 0)
        {
            _faults.Enqueue($"session {id} has keys that nobody set: {string.Join(", ", keys)}");
        }
    }

    private async Task KeyAsync(Visit visit, string id, string key, KeyFacts facts, bool isListed)
    {
        var value = await ValueAsync(visit, id, key, isListed);
        if (!facts.Allows(value))
        {
            _faults.Enqueue($"session {id} holds {(value is null ? "nothing" : Payload.Name(value))} under {key} instead of {facts.Candidates}");
        }

        facts.Is(value);
    }

    private async Task CounterAsync(Visit visit, string id, bool isListed)
    {
        var number = long.Parse(await ValueAsync(visit, id, Visit.CounterKey, isListed) ?? "0", CultureInfo.InvariantCulture);
        if (!visit.Counter.Allows(number))
        {
            _faults.Enqueue($"session {id} counted to {number} instead of {visit.Counter.Least} to {visit.Counter.Most}");
        }

        visit.Counter.Is(number);
    }

    private async Task<string?> ValueAsync(Visit visit, string id, string key, bool isListed)
    {
        var answer = await AnswerAsync(() => api.ReadAsync(visit.Cookie, key));
        var isThere = answer.Status == HttpStatusCode.OK;
        if (isThere != isListed || (!isThere && answer.Status != HttpStatusCode.NotFound))
        {
            _faults.Enqueue($"session {id} lists {key}: {isListed}, but answers {answer.Status} for it");
        }

        return isThere ? answer.Text : null;
    }
}
