namespace ServerSession;

/// <summary>How a request carries its token, and how an answer hands one out.</summary>
internal enum TokenTransport : byte
{
    Cookie = 0,
    Header = 1,
}

/// <summary>
/// Finds the token of a request, strictly and with bounded work (law 8): one token, in one place, in its one spelling, or none.
/// </summary>
/// <remarks>
/// Several cookies of the name are possible (another path, a parent domain, an attacker on a neighbouring host). One valid token among
/// strangers is the session's; two different valid ones, or more than <see cref="MaximumCandidates"/> that look like one, are none.
/// </remarks>
internal static class TokenReader
{
    private const int MaximumCandidates = 4;

    /// <summary>Whether anything in the request has the length of a token; the ring is not needed to say no.</summary>
    public static bool HasCandidate(in PresentedTokens presented, string cookieName)
    {
        if (presented.UsesHeader)
        {
            return presented.Header.Count == 1 && presented.Header[0]?.Length == SessionToken.EncodedLength;
        }

        var scanner = new CookieScanner(presented.Cookies, cookieName);
        while (scanner.MoveNext())
        {
            if (scanner.Current.Length == SessionToken.EncodedLength)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads the token.</summary>
    public static TokenStatus Read(
        in PresentedTokens presented,
        string cookieName,
        VerifiedTokens tokens,
        ShieldKeyRing ring,
        DateTimeOffset now,
        out SessionToken token,
        out VerifierHash verifier)
    {
        if (presented.UsesHeader)
        {
            return tokens.Parse(presented.Header.ToString(), ring, now, out token, out verifier);
        }

        token = default;
        verifier = default;
        var found = TokenStatus.Invalid;
        var foundText = ReadOnlySpan<char>.Empty;
        var candidates = 0;
        var scanner = new CookieScanner(presented.Cookies, cookieName);
        while (scanner.MoveNext())
        {
            var text = scanner.Current;
            if (text.Length != SessionToken.EncodedLength)
            {
                continue;
            }

            if (++candidates > MaximumCandidates)
            {
                return Ambiguous(out token, out verifier);
            }

            if (found == TokenStatus.Valid && text.SequenceEqual(foundText))
            {
                continue;
            }

            var status = tokens.Parse(text, ring, now, out var candidate, out var hash);
            if (status == TokenStatus.Valid)
            {
                if (found == TokenStatus.Valid)
                {
                    return Ambiguous(out token, out verifier);
                }

                token = candidate;
                verifier = hash;
                foundText = text;
            }

            found = status > found ? status : found;
        }

        return found;
    }

    private static TokenStatus Ambiguous(out SessionToken token, out VerifierHash verifier)
    {
        token = default;
        verifier = default;
        return TokenStatus.Invalid;
    }
}
