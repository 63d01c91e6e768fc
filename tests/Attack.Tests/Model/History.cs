using ServerSession.Tests.Support;

namespace ServerSession.Tests.Model;

/// <summary>Writes down what is asked of one session and what it answers, in the order in which it happens.</summary>
internal sealed class History(GrainClock clock, TimeSpan skew)
{
    private readonly Lock _gate = new();
    private readonly List<Call> _calls = [];
    private readonly List<int> _marks = [];
    private long _time;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _calls.Count;
            }
        }
    }

    public bool HasSent(int client)
    {
        lock (_gate)
        {
            return _calls.Exists(call => call.Client == client);
        }
    }

    public int Send(int client, Request request)
    {
        lock (_gate)
        {
            _marks.Add(clock.Mark);
            _calls.Add(new Call(client, request) { Sent = ++_time });
            return _calls.Count - 1;
        }
    }

    /// <summary>A moment at which a call is sent that is written down only if it is answered.</summary>
    public (long Time, int Mark) Now
    {
        get
        {
            lock (_gate)
            {
                return (++_time, clock.Mark);
            }
        }
    }

    public void Add(int client, Request request, (long Time, int Mark) sent, SessionReply reply)
    {
        lock (_gate)
        {
            _marks.Add(sent.Mark);
            _calls.Add(new Call(client, request) { Sent = sent.Time });
            Answer(_calls.Count - 1, reply);
        }
    }

    public void Answer(int call, SessionReply reply) => End(call, known => known with { Reply = reply });

    public void Answer(int call, ExpiryReply expiry) => End(call, known => known with { Expiry = expiry });

    public void Fail(int call, Exception exception)
    {
        lock (_gate)
        {
            var failed = _calls[call] with { Failure = exception.GetType().Name + ": " + exception.Message };
            _calls[call] = exception is SessionUnavailableException ? Timed(call, failed) : failed;
        }
    }

    /// <summary>All calls by their start; what the grain has not even refused may see every time since it was sent.</summary>
    public IReadOnlyList<Call> Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls.Select((call, index) => (call.IsKnown || call.Now != default ? call : Timed(index, call)) with
                {
                    EarliestSince = clock.Since(_marks[index]).Earliest - skew,
                })];
            }
        }
    }

    private void End(int call, Func<Call, Call> answer)
    {
        lock (_gate)
        {
            _calls[call] = Timed(call, answer(_calls[call]) with { Answered = ++_time });
        }
    }

    private Call Timed(int index, Call call)
    {
        var (earliest, latest) = clock.Since(_marks[index]);
        return call with { Now = new TimeRange(earliest - skew, latest + skew), LatestSoFar = clock.Since(0).Latest + skew };
    }
}
