namespace ServerSession;

/// <summary>The tokens of a request after the first, in their order: made only where there is something to say.</summary>
internal sealed class FurtherTokens
{
    private readonly Queue<VerifiedToken> _tokens = new();

    /// <summary>Whether there are texts beside them whose key the ring lacks: tokens, perhaps.</summary>
    public bool HasUnknownKey { get; set; }

    public void Add(VerifiedToken token) => _tokens.Enqueue(token);

    public VerifiedToken? Take() => _tokens.TryDequeue(out var next) ? next : null;
}
