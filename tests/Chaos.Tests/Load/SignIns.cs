using System.Net;

namespace ServerSession.Tests;

/// <summary>
/// Users who sign in from several devices at once, more often than they may, look whether they are signed in, sign out, and sign out everywhere, through all
/// frontends. What an answer does not explain becomes a fault of the user.
/// </summary>
/// <param name="frontends">Where requests go.</param>
/// <param name="count">How many users there are.</param>
/// <param name="maximum">How many sessions each of them may have.</param>
/// <param name="policy">What happens at that number.</param>
/// <param name="seed">Decides what the users choose.</param>
internal sealed class SignIns(Frontends frontends, int count, int maximum, SubjectLimitPolicy policy, int seed) : ILoad
{
    private const int DevicesOfUser = 3;
    private const int Newest = 12;
    private const int Fills = 50;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly KnownUser[] _users = [.. Enumerable.Range(1, count).Select(static number => new KnownUser($"user{number}"))];
    private long _acknowledged;
    private long _refused;
    private long _ends;
    private volatile bool _over;
    private Task _done = Task.CompletedTask;

    public IReadOnlyList<KnownUser> Users => _users;

    /// <summary>How many sign-ins, sign-outs and ends were acknowledged.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>How many sign-ins were refused because the user had as many sessions as allowed.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>How many ends of all sessions of a user were acknowledged.</summary>
    public long Ends => Volatile.Read(ref _ends);

    private static long Now => TimeProvider.System.GetTimestamp();

    public void Start() => _done = Task.WhenAll(_users.SelectMany((user, number) => Enumerable.Range(0, DevicesOfUser)
        .Select(device => Task.Run(() => WorkAsync(user, SeededRandom.Of(seed, number, device))))));

    public async Task StopAsync()
    {
        _over = true;
        await _done;
    }

    public async Task AcknowledgedAsync(int more, TimeSpan atMost)
    {
        var goal = Acknowledged + more;
        var began = Now;
        while (Acknowledged < goal && TimeProvider.System.GetElapsedTime(began) < atMost && !_done.IsCompleted)
        {
            await Task.Delay(20);
        }

        if (_done.IsFaulted)
        {
            await _done;
        }
    }

    /// <summary>Compares what the cluster has, now that nobody is at work, with what the users were told.</summary>
    public Task CheckAsync() => Task.WhenAll(_users.Select(CheckAsync));

    private async Task WorkAsync(KnownUser user, Random random)
    {
        while (!_over)
        {
            await (random.Next(100) switch
            {
                < 50 => SignInAsync(user),
                < 75 => LookAsync(user, random),
                < 90 => WriteAsync(user, random),
                < 95 => SignOutAsync(user, random),
                _ => EndAllAsync(user),
            });
            await Task.Delay(random.Next(20, 80));
        }
    }

    private async Task<HttpStatusCode?> SignInAsync(KnownUser user)
    {
        var from = Now;
        var answer = await frontends.SignInAsync(user.Name);
        switch (answer.Status)
        {
            case HttpStatusCode.OK when answer.Cookie is { } cookie:
                user.Add(new SignedIn(answer.Text, cookie, from, Now));
                Interlocked.Increment(ref _acknowledged);
                break;
            case HttpStatusCode.Conflict when policy == SubjectLimitPolicy.RejectNewest:
                Interlocked.Increment(ref _refused);
                break;
            case null or HttpStatusCode.ServiceUnavailable:
                break;
            default:
                user.Fault($"a sign-in was answered {answer}");
                break;
        }

        return answer.Status;
    }

    private async Task LookAsync(KnownUser user, Random random)
    {
        if (user.Pick(random, Newest) is { } session)
        {
            var from = Now;
            Check(user, session, from, await frontends.WhoAmIAsync(session.Cookie));
        }
    }

    /// <summary>A write that is acknowledged was let in, and what was let in was alive.</summary>
    private async Task WriteAsync(KnownUser user, Random random)
    {
        if (user.Pick(random, Newest) is { } session)
        {
            var from = Now;
            var answer = await frontends.WriteNoteAsync(session.Cookie);
            if (answer.Status is HttpStatusCode.NoContent or HttpStatusCode.NotFound or HttpStatusCode.Conflict)
            {
                user.Check(session, from, answer.Status == HttpStatusCode.NoContent, mayBeEnded: policy == SubjectLimitPolicy.EndOldest);
            }
            else if (!answer.IsInDoubt)
            {
                user.Fault($"a write was answered {answer}");
            }
        }
    }

    private void Check(KnownUser user, SignedIn session, long from, Answer answer)
    {
        if (answer.Status is HttpStatusCode.OK or HttpStatusCode.NotFound)
        {
            user.Check(session, from, answer.Status == HttpStatusCode.OK, mayBeEnded: policy == SubjectLimitPolicy.EndOldest);
        }
        else if (!answer.IsInDoubt)
        {
            user.Fault($"a look was answered {answer}");
        }
    }

    private async Task SignOutAsync(KnownUser user, Random random)
    {
        if (user.Pick(random, Newest) is not { } session)
        {
            return;
        }

        session.MayBeGone = true;
        var answer = await frontends.SignOutAsync(session.Cookie);
        if (answer.Status == HttpStatusCode.NoContent)
        {
            user.SignedOut(session, Now);
            Interlocked.Increment(ref _acknowledged);
        }
        else if (!answer.IsInDoubt)
        {
            user.Fault($"a sign-out was answered {answer}");
        }
    }

    private async Task EndAllAsync(KnownUser user)
    {
        var end = user.EndBegins(Now);
        var answer = await frontends.EndAllAsync(user.Name);
        if (answer.Status == HttpStatusCode.NoContent)
        {
            user.EndAcknowledged(end, Now);
            Interlocked.Increment(ref _acknowledged);
            Interlocked.Increment(ref _ends);
        }
        else if (!answer.IsInDoubt)
        {
            user.Fault($"an end of all was answered {answer}");
        }
    }

    private async Task CheckAsync(KnownUser user)
    {
        List<string> live = [];
        foreach (var session in user.Sessions)
        {
            var from = Now;
            var answer = await KnownAnswer.OfAsync(() => frontends.WhoAmIAsync(session.Cookie));
            Check(user, session, from, answer);
            if (answer.Status == HttpStatusCode.OK)
            {
                live.Add(session.Id);
            }
        }

        var listed = await ListAsync(user);
        if (live.Count > maximum || listed.Length > maximum)
        {
            user.Fault($"{live.Count} sessions live and {listed.Length} are listed; {maximum} are allowed");
        }

        if (live.Except(listed).ToArray() is { Length: > 0 } missed)
        {
            user.Fault($"live and not listed: {string.Join(' ', missed)}");
        }

        await FillAsync(user);
    }

    /// <summary>After the end of all, nothing takes a place: as many sign-ins as are allowed succeed, and one more does not, or ends one.</summary>
    private async Task FillAsync(KnownUser user)
    {
        for (var attempt = 0; attempt < Fills; attempt++)
        {
            var answer = await KnownAnswer.OfAsync(() => frontends.EndAllAsync(user.Name));
            if (answer.Status != HttpStatusCode.NoContent || (await ListAsync(user)).Length > 0)
            {
                user.Fault($"after the end of all, which was answered {answer}, sessions are listed");
                return;
            }

            List<HttpStatusCode?> answers = [];
            for (var signIn = 0; signIn <= maximum; signIn++)
            {
                answers.Add(await SignInAsync(user));
            }

            if (answers.TrueForAll(static status => status is HttpStatusCode.OK or HttpStatusCode.Conflict))
            {
                var expected = policy == SubjectLimitPolicy.RejectNewest ? maximum : maximum + 1;
                var succeeded = answers.Count(static status => status == HttpStatusCode.OK);
                if (succeeded != expected || (await ListAsync(user)).Length != maximum)
                {
                    user.Fault($"of {maximum + 1} sign-ins after the end of all {succeeded} succeeded, instead of {expected}");
                }

                return;
            }

            // One was answered 503: what it may have made is ended in the background.
            await Task.Delay(Pause);
        }

        user.Fault("sign-ins were answered 503 to the end");
    }

    private async Task<string[]> ListAsync(KnownUser user)
    {
        var answer = await KnownAnswer.OfAsync(() => frontends.SessionsAsync(user.Name));
        if (answer.Status != HttpStatusCode.OK)
        {
            user.Fault($"the list was answered {answer}");
            return [];
        }

        return answer.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}
