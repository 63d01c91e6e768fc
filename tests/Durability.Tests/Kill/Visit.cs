namespace ServerSession.Tests;

/// <summary>One session as its user knows it: the token, and what the answers so far allow it to hold.</summary>
internal sealed class Visit(string cookie, string firstKey, string firstValue)
{
    public const string CounterKey = "counter";

    private readonly List<string> _deadCookies = [];

    public string Cookie { get; private set; } = cookie;

    public Dictionary<string, KeyFacts> Keys { get; } = Start(firstKey, firstValue);

    public CounterFacts Counter { get; } = new();

    /// <summary>Tokens that must never open the session again.</summary>
    public IReadOnlyList<string> DeadCookies => _deadCookies;

    public bool IsGone { get; private set; }

    /// <summary>A destroy or a rotation is in doubt, so that the token may have stopped working; then it stays so.</summary>
    public bool MayBeGone { get; set; }

    /// <summary>Answers that no order of events explains.</summary>
    public List<string> Faults { get; } = [];

    public void Rotated(string newCookie)
    {
        _deadCookies.Add(Cookie);
        Cookie = newCookie;
    }

    public void Ended()
    {
        _deadCookies.Add(Cookie);
        IsGone = true;
    }

    private static Dictionary<string, KeyFacts> Start(string key, string value)
    {
        var facts = new KeyFacts();
        facts.Is(value);
        return new() { [key] = facts };
    }
}
