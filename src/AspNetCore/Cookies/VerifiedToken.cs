namespace ServerSession.AspNetCore;

/// <summary>A token whose signature is right, or that was made here, with the hash of its verifier.</summary>
internal class VerifiedToken(SessionToken token, VerifierHash verifier)
{
    public SessionToken Token => token;

    public SessionId Id => token.Id;

    /// <summary>The hash that the session grain compares.</summary>
    public VerifierHash Verifier => verifier;

    /// <summary>A token with a fresh verifier.</summary>
    public static VerifiedToken New(SessionId id)
    {
        var token = new SessionToken(id, SessionVerifier.New());
        return new(token, token.Verifier.Hash());
    }
}
