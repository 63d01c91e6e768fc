namespace ServerSession;

/// <summary>The tokens of a request after the first, in their order: made only where there is something to say.</summary>
internal sealed class FurtherTokens
{
    private readonly Queue<(SessionToken Token, VerifierHash Verifier)> _tokens = new();

    /// <summary>Whether there are texts beside them whose key the ring lacks: tokens, perhaps.</summary>
    public bool HasUnknownKey { get; set; }

    public void Add(SessionToken token, VerifierHash verifier) => _tokens.Enqueue((token, verifier));

    public bool TryTake(out (SessionToken Token, VerifierHash Verifier) next) => _tokens.TryDequeue(out next);
}
