using System.Collections.Concurrent;
using System.Globalization;
using System.Net;

namespace ServerSession.Tests;

/// <summary>
/// Users at work on thousands of sessions through all frontends. Each takes a session, reads it, changes it with a burst of parallel requests,
/// rotates or ends it, and puts it back. What an answer does not explain becomes a fault of the session.
/// </summary>
/// <param name="frontends">Where requests go.</param>
/// <param name="count">How many users there are.</param>
/// <param name="population">How many sessions live at a time.</param>
/// <param name="seed">Decides what the users choose.</param>
internal sealed class Users(Frontends frontends, int count, int population, int seed) : ILoad
{
    private const int KeysPerSession = 5;

    /// <summary>For how long a message of a frontend that died may be on its way: over every budget of a request.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);

    private readonly ConcurrentQueue<KnownSession> _waiting = new();
    private long _acknowledged;
    private volatile bool _over;
    private Task _done = Task.CompletedTask;

    /// <summary>Gets the sessions that ended, those included of which that is in doubt.</summary>
    public ConcurrentBag<KnownSession> Left { get; } = [];

    /// <summary>Gets every session that was used.</summary>
    public IEnumerable<KnownSession> Sessions => _waiting.Concat(Left);

    /// <summary>Gets how many changes were acknowledged.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    public int Live => _waiting.Count;

    public void Start() =>
        _done = Task.WhenAll(Enumerable.Range(0, count).Select(user => Task.Run(() => WorkAsync(SeededRandom.Of(seed, user)))));

    /// <summary>Lets every user finish the request at hand, and waits until nothing can be on its way any more.</summary>
    public async Task StopAsync()
    {
        _over = true;
        await _done;
        var quiet = Sessions.Select(static session => session.QuietUntil).DefaultIfEmpty().Max() - TimeProvider.System.GetUtcNow();
        if (quiet > TimeSpan.Zero)
        {
            await Task.Delay(quiet);
        }
    }

    public async Task AcknowledgedAsync(int more, TimeSpan atMost)
    {
        var goal = Acknowledged + more;
        var began = TimeProvider.System.GetTimestamp();
        while (Acknowledged < goal && TimeProvider.System.GetElapsedTime(began) < atMost && !_done.IsCompleted)
        {
            await Task.Delay(20);
        }

        if (_done.IsFaulted)
        {
            await _done;
        }
    }

    private async Task WorkAsync(Random random)
    {
        while (!_over)
        {
            if (await TakeAsync(random) is not { } session)
            {
                continue;
            }

            await (random.Next(100) switch
            {
                < 40 => BurstAsync(session, random),
                < 80 => LookAsync(session, random),
                < 93 => RotateAsync(session),
                < 97 => DestroyAsync(session),
                _ => Task.WhenAll(BurstAsync(session, random), DestroyAsync(session)),
            });
            if (session.IsGone || session.MayBeGone)
            {
                Left.Add(session);
            }
            else
            {
                _waiting.Enqueue(session);
            }
        }
    }

    private async Task<KnownSession?> TakeAsync(Random random)
    {
        if (_waiting.Count < population || !_waiting.TryDequeue(out var session))
        {
            return await CreateAsync(random);
        }

        if (session.QuietUntil > TimeProvider.System.GetUtcNow())
        {
            _waiting.Enqueue(session);
            await Task.Delay(5);
            return null;
        }

        return session;
    }

    private async Task<KnownSession?> CreateAsync(Random random)
    {
        var (key, value) = (Key(random.Next(KeysPerSession)), Payload.Make(random));
        var answer = await frontends.WriteAsync(null, key, value);

        // The token of a create in doubt was never seen: there is nothing to look at.
        if (answer.Status != HttpStatusCode.NoContent)
        {
            return null;
        }

        Interlocked.Increment(ref _acknowledged);
        return new KnownSession(answer.Cookie!, key, value);
    }

    /// <summary>Reads one key: what was acknowledged to this user, through whatever frontend, is there.</summary>
    private async Task LookAsync(KnownSession session, Random random)
    {
        var key = Key(random.Next(KeysPerSession));
        var facts = Facts(session, key);
        var answer = await frontends.ReadAsync(session.Cookie, key);
        session.Note($"read {key}: {(int?)answer.Status} {(answer.Status == HttpStatusCode.OK ? Payload.Name(answer.Text) : "")}");
        if (answer.IsInDoubt)
        {
            return;
        }

        var value = answer.Status == HttpStatusCode.OK ? answer.Text : null;
        if (value is null && await IsGoneAsync(session))
        {
            return;
        }

        if (!facts.Allows(value))
        {
            session.Fault($"{key} was read as {(value is null ? "nothing" : Payload.Name(value))} instead of {facts.Candidates}");
        }

        facts.Is(value);
    }

    /// <summary>Whether the session is gone, which only a user who was left in doubt about its end may find.</summary>
    private async Task<bool> IsGoneAsync(KnownSession session)
    {
        var answer = await frontends.DescribeAsync(session.Cookie);
        session.Note($"describe: {(int?)answer.Status}");
        if (answer.Status == HttpStatusCode.NotFound)
        {
            session.Fault("the session is gone, and nobody ended it");
            session.Ended();
        }

        return answer.Status != HttpStatusCode.OK;
    }

    /// <summary>Parallel changes of different keys, and of one counter by two requests at once.</summary>
    private Task BurstAsync(KnownSession session, Random random)
    {
        var first = random.Next(KeysPerSession);
        return Task.WhenAll(
            ChangeAsync(session, Key(first), Payload.Make(random)),
            ChangeAsync(session, Key(first + 1), random.Next(4) == 0 ? null : Payload.Make(random)),
            IncrementAsync(session),
            IncrementAsync(session));
    }

    private async Task ChangeAsync(KnownSession session, string key, string? value)
    {
        var facts = Facts(session, key);
        var answer = value is null ? await frontends.RemoveAsync(session.Cookie, key) : await frontends.WriteAsync(session.Cookie, key, value);
        session.Note($"{key} = {(value is null ? "nothing" : Payload.Name(value))}: {(int?)answer.Status}");
        if (answer.IsInDoubt)
        {
            Doubt(session, answer);
            facts.MayBe(value);
        }
        else if (Succeeded(session, answer, HttpStatusCode.NoContent))
        {
            facts.Is(value);
        }
    }

    private async Task IncrementAsync(KnownSession session)
    {
        var answer = await frontends.IncrementAsync(session.Cookie, KnownSession.CounterKey);
        session.Note($"increment: {(int?)answer.Status} {(answer.Status == HttpStatusCode.OK ? answer.Text : "")}");
        if (answer.IsInDoubt)
        {
            Doubt(session, answer);
            session.Counter.Doubted();
        }
        else if (Succeeded(session, answer, HttpStatusCode.OK) && !session.Counter.Counted(long.Parse(answer.Text, CultureInfo.InvariantCulture)))
        {
            session.Fault($"two increments were answered {answer.Text}");
        }
    }

    private async Task RotateAsync(KnownSession session)
    {
        var answer = await frontends.RotateAsync(session.Cookie);
        session.Note($"rotate: {(int?)answer.Status}");
        if (answer.IsInDoubt)
        {
            Doubt(session, answer);
            session.MayBeGone = true;
        }
        else if (answer.Status == HttpStatusCode.NoContent && answer.Cookie is { } cookie)
        {
            Interlocked.Increment(ref _acknowledged);
            session.Rotated(cookie);
        }
        else
        {
            session.Fault($"a rotation was answered {answer}");
        }
    }

    private async Task DestroyAsync(KnownSession session)
    {
        session.MayBeGone = true;
        var answer = await frontends.DestroyAsync(session.Cookie);
        session.Note($"destroy: {(int?)answer.Status}");
        if (answer.Status == HttpStatusCode.NoContent)
        {
            Interlocked.Increment(ref _acknowledged);
            session.Ended();
        }
        else if (answer.IsInDoubt)
        {
            Doubt(session, answer);
        }
        else
        {
            session.Fault($"a destroy was answered {answer}");
        }
    }

    /// <summary>Whether a change of this session was made. Only a session that its user ends at the same time may refuse it, or begin again.</summary>
    private bool Succeeded(KnownSession session, Answer answer, HttpStatusCode success)
    {
        if (answer.Status == success && answer.Cookie is null)
        {
            Interlocked.Increment(ref _acknowledged);
            return true;
        }

        if (!session.MayBeGone)
        {
            session.Fault(answer.Status == success ? "a change started a new session" : $"a change was answered {answer}");
        }

        return false;
    }

    private static void Doubt(KnownSession session, Answer answer)
    {
        if (answer.Status is null)
        {
            session.QuietUntil = TimeProvider.System.GetUtcNow() + Quiet;
        }
    }

    private static string Key(int number) => $"key{number % KeysPerSession}";

    private static KeyFacts Facts(KnownSession session, string key) =>
        session.Keys.TryGetValue(key, out var facts) ? facts : session.Keys[key] = new KeyFacts();
}
