namespace ServerSession.Tests.Facts;

/// <summary>What a counter may stand at: every acknowledged increment counts once, one in doubt once or not at all.</summary>
public sealed class CounterFacts
{
    private readonly Lock _gate = new();
    private readonly HashSet<long> _answers = [];
    private long _least;
    private long _doubts;

    public long Least => _least;

    public long Most => _least + _doubts;

    /// <summary>Notes an acknowledged increment; false where the same number was given to somebody before.</summary>
    public bool Counted(long answer)
    {
        lock (_gate)
        {
            _least++;
            return _answers.Add(answer);
        }
    }

    public void Doubted()
    {
        lock (_gate)
        {
            _doubts++;
        }
    }

    /// <summary>Notes what the counter stands at after all doubts are over.</summary>
    public void Is(long value)
    {
        _least = value;
        _doubts = 0;
    }

    public bool Allows(long value) => value >= _least && value <= Most && (_answers.Count == 0 || value >= _answers.Max());
}
