namespace ServerSession.Tests.Facts;

/// <summary>What one key may hold: the last acknowledged value, and those of changes that nobody knows the fate of. Null is "no value".</summary>
public sealed class KeyFacts
{
    private readonly HashSet<string> _possible = [];
    private bool _mayBeAbsent = true;

    public bool MayBeAbsent => _mayBeAbsent;

    public bool MayBeThere => _possible.Count > 0;

    public string Candidates => string.Join(" or ", _possible.Select(static value => Payload.Name(value)).Append(_mayBeAbsent ? "nothing" : null).OfType<string>());

    /// <summary>A change to the value was acknowledged, or the value was seen: it is that and nothing else.</summary>
    public void Is(string? value)
    {
        _possible.Clear();
        _mayBeAbsent = false;
        MayBe(value);
    }

    /// <summary>A change to the value was sent, and no answer came.</summary>
    public void MayBe(string? value)
    {
        if (value is null)
        {
            _mayBeAbsent = true;
        }
        else
        {
            _possible.Add(value);
        }
    }

    public bool Allows(string? value) => value is null ? _mayBeAbsent : _possible.Contains(value);
}
