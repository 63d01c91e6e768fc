namespace ServerSession.AspNetCore;

/// <summary>
/// The tokens that a request brought, in their order. Its headers are scanned once; what may be a token is read again only with keys that the ring
/// lacked before.
/// </summary>
internal sealed class RequestTokens(PresentedTokens presented, RequestCalls calls, SessionServices services)
{
    private TokenCandidates _candidates;
    private FurtherTokens? _further;
    private bool _isScanned;
    private bool _readAgain;

    public TokenTransport Transport => presented.Transport;

    /// <summary>Whether the request is a prefetch, which starts no session and extends none.</summary>
    public bool IsPreload => presented.IsPreload;

    /// <summary>Whether the request extends the session that it uses.</summary>
    public OpenMode Mode => presented.Mode;

    /// <summary>How old the session may be that the request reads.</summary>
    public TimeSpan MaxStaleness => presented.MaxStaleness;

    /// <summary>Whether one was a token of this cluster, of a session that lives or not.</summary>
    public bool HadValid { get; private set; }

    /// <summary>Whether anything in the request has the length of a token; no key is needed to say no.</summary>
    public bool HasCandidate => Candidates.Any;

    /// <summary>Whether the request has a cookie of the session's name, whatever is in it.</summary>
    public bool HasCookie => Candidates.HasCookie;

    /// <summary>Whether texts are left whose key the ring lacked, and reading them again with newer keys may find tokens.</summary>
    public bool MayReadAgain => _further is { HasUnknownKey: true } && !_readAgain && services.Keys.Changes;

    /// <summary>Whether the request's persistent cookie is to be written again.</summary>
    public bool IsRenewalDue =>
        presented.Transport == TokenTransport.Cookie && !presented.IsPreload
        && services.Cookie.IsRenewalDue(_candidates.WrittenAt, services.Time.GetUtcNow());

    private ref readonly TokenCandidates Candidates
    {
        get
        {
            if (!_isScanned)
            {
                _candidates = TokenCandidates.Find(in presented, services.Cookie.Name, services.Time.GetUtcNow());
                _isScanned = true;
            }

            return ref _candidates;
        }
    }

    /// <summary>Reads the first token where that needs no waiting.</summary>
    /// <param name="token">The token; null where the request has none.</param>
    /// <returns>False where the key ring lacks a key, or was never read.</returns>
    public bool TryReadFirst(out VerifiedToken? token)
    {
        token = null;
        return !HasCandidate || (_further is null && services.Keys.Current is { } ring && Read(ring, out token) != TokenStatus.UnknownKey);
    }

    /// <summary>Reads the first token, and the key ring before it where it lacks a key. After a search that ended without a session it reads all of them again.</summary>
    /// <returns>The token; null where the request has none.</returns>
    /// <exception cref="SessionUnavailableException">The keys cannot be read now.</exception>
    public async ValueTask<VerifiedToken?> ReadFirstAsync()
    {
        _readAgain = _further is not null;
        var ring = await calls.ReadKeysAsync(_readAgain ? static keys => keys.GetForUnknownKeyAsync() : static keys => keys.GetAsync());
        if (Read(ring, out var token) == TokenStatus.UnknownKey && !_readAgain)
        {
            Read(await calls.ReadKeysAsync(static keys => keys.GetForUnknownKeyAsync()), out token);
        }

        return token;
    }

    /// <summary>The next token of the request; null where there is none.</summary>
    public VerifiedToken? TakeNext() => _further?.Take();

    private TokenStatus Read(TokenSigningKeyRing ring, out VerifiedToken? token)
    {
        var status = TokenReader.Read(in presented, in Candidates, services.Cookie.Name, services.Tokens, ring, services.Time.GetUtcNow(), out token, out _further);
        HadValid |= status == TokenStatus.Valid;
        return status;
    }
}
