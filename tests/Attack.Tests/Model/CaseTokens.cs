namespace ServerSession.Tests.Model;

/// <summary>The tokens of a case, by number, and which of them a client knows to be in force.</summary>
internal sealed class CaseTokens
{
    private readonly Lock _gate = new();
    private readonly List<VerifierHash> _hashes = [SessionVerifier.New().Hash()];
    private int _known;
    private int _before;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _hashes.Count;
            }
        }
    }

    public VerifierHash HashOf(int token)
    {
        lock (_gate)
        {
            return _hashes[token];
        }
    }

    public int Add()
    {
        lock (_gate)
        {
            _hashes.Add(SessionVerifier.New().Hash());
            return _hashes.Count - 1;
        }
    }

    /// <summary>A rotation to a token was answered.</summary>
    public void Learn(int token)
    {
        lock (_gate)
        {
            if (token != _known)
            {
                (_before, _known) = (_known, token);
            }
        }
    }

    public int Pick(bool old)
    {
        lock (_gate)
        {
            return old ? _before : _known;
        }
    }
}
