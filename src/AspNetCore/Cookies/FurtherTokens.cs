namespace ServerSession.AspNetCore;

/// <summary>The tokens of a request after the first, in their order: created only where there are any.</summary>
internal sealed class FurtherTokens
{
    private readonly Queue<VerifiedToken> _tokens = new();

    /// <summary>Whether there are also texts whose key the ring lacks, which may be tokens.</summary>
    public bool HasUnknownKey { get; set; }

    public void Add(VerifiedToken token) => _tokens.Enqueue(token);

    public VerifiedToken? Take() => _tokens.TryDequeue(out var next) ? next : null;
}
