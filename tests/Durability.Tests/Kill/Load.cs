using System.Collections.Concurrent;
using System.Globalization;
using System.Net;

namespace ServerSession.Tests;

/// <summary>
/// Users at work until the server is gone. Each takes a session, changes it with a burst of parallel requests, rotates or ends it, and puts it
/// back, so that most sessions live through many rounds.
/// </summary>
internal sealed class Load(SessionApi api, ConcurrentBag<Visit> visits, int users, int population, int seed)
{
    private const int KeysPerSession = 6;
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _refused = new(0);
    private long _acknowledged;
    private int _goal = int.MaxValue;
    private volatile bool _over;

    /// <summary>Gets the sessions that ended under this load, those included of which that is in doubt.</summary>
    public ConcurrentBag<Visit> Left { get; } = [];

    /// <summary>Gets or sets the number of sessions that wait for a user, below which new ones are created.</summary>
    public int Population { get; set; } = population;

    /// <summary>Gets every session that this load has known.</summary>
    public IEnumerable<Visit> Sessions => visits.Concat(Left);

    public long Acknowledged => Volatile.Read(ref _acknowledged);

    public Task Done { get; private set; } = Task.CompletedTask;

    /// <summary>Starts the users; the task ends when so many changes were acknowledged, or when no user is left because the server does not answer.</summary>
    public Task StartAsync(int goal)
    {
        _goal = goal;
        Done = Task.WhenAll(Enumerable.Range(0, users).Select(user => Task.Run(() => WorkAsync(SeededRandom.Of(seed, user)))));
        return Task.WhenAny(_reached.Task, Done);
    }

    /// <summary>Ends when so many more requests were answered 503.</summary>
    public async Task RefusedAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await _refused.WaitAsync();
        }
    }

    /// <summary>Lets every user finish the request at hand.</summary>
    public Task StopAsync()
    {
        _over = true;
        return Done;
    }

    private async Task WorkAsync(Random random)
    {
        while (!_over)
        {
            var visit = visits.Count < Population || !visits.TryTake(out var taken) ? await CreateAsync(random) : taken;
            if (visit is null)
            {
                continue;
            }

            await (random.Next(100) switch
            {
                < 72 => BurstAsync(visit, random),
                < 90 => RotateAsync(visit),
                < 95 => DestroyAsync(visit),
                _ => Task.WhenAll(BurstAsync(visit, random), DestroyAsync(visit)),
            });
            (visit.IsGone || visit.MayBeGone ? Left : visits).Add(visit);
        }
    }

    private async Task<Visit?> CreateAsync(Random random)
    {
        var (key, value) = (Key(random.Next(KeysPerSession)), Payload.Make(random));
        var answer = await api.WriteAsync(null, key, value);

        // The token of a create in doubt was never seen: there is nothing to look at.
        return Note(answer, HttpStatusCode.NoContent) ? new(answer.Cookie!, key, value) : null;
    }

    /// <summary>Parallel changes of different keys, and of one counter by two requests at once.</summary>
    private Task BurstAsync(Visit visit, Random random)
    {
        var cookie = visit.Cookie;
        var first = random.Next(KeysPerSession);
        return Task.WhenAll(
            WriteAsync(visit, cookie, Facts(visit, Key(first)), Key(first), Payload.Make(random)),
            random.Next(4) == 0
                ? RemoveAsync(visit, cookie, Facts(visit, Key(first + 1)), Key(first + 1))
                : WriteAsync(visit, cookie, Facts(visit, Key(first + 1)), Key(first + 1), Payload.Make(random)),
            IncrementAsync(visit, cookie),
            IncrementAsync(visit, cookie));
    }

    private async Task WriteAsync(Visit visit, string cookie, KeyFacts facts, string key, string value) =>
        Settle(visit, facts, await api.WriteAsync(cookie, key, value), value);

    private async Task RemoveAsync(Visit visit, string cookie, KeyFacts facts, string key) =>
        Settle(visit, facts, await api.RemoveAsync(cookie, key), null);

    private void Settle(Visit visit, KeyFacts facts, Answer answer, string? value)
    {
        if (Note(answer, HttpStatusCode.NoContent))
        {
            facts.Is(value);
        }
        else if (answer.IsInDoubt)
        {
            facts.MayBe(value);
        }
        else
        {
            Refused(visit, answer);
        }
    }

    private async Task IncrementAsync(Visit visit, string cookie)
    {
        var answer = await api.IncrementAsync(cookie, Visit.CounterKey);
        if (Note(answer, HttpStatusCode.OK))
        {
            // A destroy that overtook it makes the increment start a separate session.
            if (answer.Cookie is null && !visit.Counter.Counted(long.Parse(answer.Text, CultureInfo.InvariantCulture)))
            {
                Fault(visit, $"two increments were answered {answer.Text}");
            }
        }
        else if (answer.IsInDoubt)
        {
            visit.Counter.Doubted();
        }
        else
        {
            Refused(visit, answer);
        }
    }

    private async Task RotateAsync(Visit visit)
    {
        var answer = await api.RotateAsync(visit.Cookie);
        if (Note(answer, HttpStatusCode.NoContent))
        {
            visit.Rotated(answer.Cookie!);
        }
        else if (answer.IsInDoubt)
        {
            visit.MayBeGone = true;
        }
        else
        {
            Refused(visit, answer);
        }
    }

    private async Task DestroyAsync(Visit visit)
    {
        visit.MayBeGone = true;
        var answer = await api.DestroyAsync(visit.Cookie);
        if (Note(answer, HttpStatusCode.NoContent))
        {
            visit.Ended();
        }
        else if (!answer.IsInDoubt)
        {
            Fault(visit, $"a destroy was answered {answer}");
        }
    }

    /// <summary>Only a session that is being destroyed may refuse its own token.</summary>
    private static void Refused(Visit visit, Answer answer)
    {
        if (!visit.MayBeGone || answer.Status is not (HttpStatusCode.Conflict or HttpStatusCode.NotFound))
        {
            Fault(visit, $"a change was answered {answer}");
        }
    }

    private static void Fault(Visit visit, string fault)
    {
        lock (visit.Faults)
        {
            visit.Faults.Add(fault);
        }
    }

    /// <summary>Counts an acknowledgement; a broken connection means that the server is gone.</summary>
    private bool Note(Answer answer, HttpStatusCode success)
    {
        _over |= answer.Status is null;
        if (answer.Status != success)
        {
            if (answer.Status == HttpStatusCode.ServiceUnavailable)
            {
                _refused.Release();
            }

            return false;
        }

        if (Interlocked.Increment(ref _acknowledged) == _goal)
        {
            _reached.SetResult();
        }

        return true;
    }

    private static string Key(int number) => $"key{number % KeysPerSession}";

    private static KeyFacts Facts(Visit visit, string key) =>
        visit.Keys.TryGetValue(key, out var facts) ? facts : visit.Keys[key] = new KeyFacts();
}
