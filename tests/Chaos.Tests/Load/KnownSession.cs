namespace ServerSession.Tests;

/// <summary>One session as its user knows it: the token, and what the answers so far allow it to hold. One user at a time has it.</summary>
internal sealed class KnownSession(string cookie, string firstKey, string firstValue)
{
    public const string CounterKey = "counter";

    private readonly Lock _lock = new();
    private readonly List<string> _faults = [];
    private readonly List<string> _history = [];

    public string Cookie { get; private set; } = cookie;

    public Dictionary<string, KeyFacts> Keys { get; } = Start(firstKey, firstValue);

    public CounterFacts Counter { get; } = new();

    /// <summary>Tokens that must never open the session again.</summary>
    public List<string> DeadCookies { get; } = [];

    public bool IsGone { get; private set; }

    /// <summary>A destroy or a rotation is in doubt, so that the token may have stopped working; then it stays so.</summary>
    public bool MayBeGone { get; set; }

    /// <summary>
    /// The user does nothing before this time: a connection broke, and what was sent may still be on its way to the session. Nobody answered 503
    /// for it, so nobody promised that it comes to an end before the next answer.
    /// </summary>
    public DateTimeOffset QuietUntil { get; set; }

    /// <summary>Answers that no order of events explains.</summary>
    public IReadOnlyList<string> Faults => _faults;

    public void Rotated(string newCookie)
    {
        DeadCookies.Add(Cookie);
        Cookie = newCookie;
    }

    public void Ended()
    {
        DeadCookies.Add(Cookie);
        IsGone = true;
    }

    /// <summary>Notes what was done and answered; the last of it stands in a fault.</summary>
    public void Note(string what)
    {
        lock (_lock)
        {
            _history.Add(what);
        }
    }

    public void Fault(string fault)
    {
        lock (_lock)
        {
            _faults.Add($"{fault}; before: {string.Join(" | ", _history.TakeLast(12))}");
        }
    }

    private static Dictionary<string, KeyFacts> Start(string key, string value)
    {
        var facts = new KeyFacts();
        facts.Is(value);
        return new() { [key] = facts };
    }
}
