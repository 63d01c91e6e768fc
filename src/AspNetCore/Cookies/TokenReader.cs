namespace ServerSession;

/// <summary>How a request carries its token, and how an answer hands one out.</summary>
internal enum TokenTransport : byte
{
    Cookie = 0,
    Header = 1,
}

/// <summary>
/// Finds the tokens of a request, strictly and with bounded work (law 8): in one place, each in its one spelling, in the header's order.
/// </summary>
/// <remarks>
/// Several cookies of the name are possible: of another path, of a parent domain, of an attacker on a neighbouring host. What is no token hides
/// none that is, and which of several sessions lives only their grains know. So all are found, up to <see cref="MaximumTokens"/> different ones
/// among the first <see cref="MaximumChecks"/> different texts of a token's length.
/// </remarks>
internal static class TokenReader
{
    /// <summary>The most tokens of a request: more sessions than these are not asked for.</summary>
    public const int MaximumTokens = 8;

    /// <summary>The most texts of a token's length that are checked with a key.</summary>
    public const int MaximumChecks = 32;

    /// <summary>Whether anything in the request has the length of a token; the ring is not needed to say no.</summary>
    public static bool HasCandidate(in PresentedTokens presented, string cookieName)
    {
        if (presented.UsesHeader)
        {
            return presented.Header.Count == 1 && presented.Header[0]?.Length == SessionToken.EncodedLength;
        }

        var scanner = new CookieScanner(presented.Cookies, cookieName);
        return MoveToCandidate(ref scanner);
    }

    /// <summary>Whether the request has a cookie of that name, whatever is in it.</summary>
    public static bool HasCookie(in PresentedTokens presented, string cookieName) => new CookieScanner(presented.Cookies, cookieName).MoveNext();

    /// <summary>Reads the first token, and those after it.</summary>
    public static TokenStatus Read(
        in PresentedTokens presented,
        string cookieName,
        VerifiedTokens tokens,
        ShieldKeyRing ring,
        DateTimeOffset now,
        out SessionToken token,
        out VerifierHash verifier,
        out FurtherTokens? further)
    {
        further = null;
        if (presented.UsesHeader)
        {
            return tokens.Parse(presented.Header.ToString(), ring, now, out token, out verifier);
        }

        var scanner = new CookieScanner(presented.Cookies, cookieName);
        if (!MoveToCandidate(ref scanner))
        {
            token = default;
            verifier = default;
            return TokenStatus.Invalid;
        }

        var first = scanner.Current;
        return MoveToCandidate(ref scanner)
            ? ReadSeveral(in presented, cookieName, tokens, ring, now, out token, out verifier, out further)
            : tokens.Parse(first, ring, now, out token, out verifier);
    }

    private static TokenStatus ReadSeveral(
        in PresentedTokens presented,
        string cookieName,
        VerifiedTokens tokens,
        ShieldKeyRing ring,
        DateTimeOffset now,
        out SessionToken token,
        out VerifierHash verifier,
        out FurtherTokens? further)
    {
        token = default;
        verifier = default;
        further = null;
        Span<(int Header, int Start)> seen = stackalloc (int, int)[MaximumChecks];
        var checks = 0;
        var found = 0;
        var unknownKey = false;
        var scanner = new CookieScanner(presented.Cookies, cookieName);
        while (found < MaximumTokens && checks < MaximumChecks && MoveToCandidate(ref scanner))
        {
            if (IsIn(seen[..checks], in presented, scanner.Current))
            {
                continue;
            }

            seen[checks++] = scanner.Place;
            var status = tokens.Parse(scanner.Current, ring, now, out var candidate, out var hash);
            unknownKey |= status == TokenStatus.UnknownKey;
            if (status != TokenStatus.Valid)
            {
                continue;
            }

            if (++found == 1)
            {
                (token, verifier) = (candidate, hash);
            }
            else
            {
                (further ??= new()).Add(candidate, hash);
            }
        }

        if (found == 0)
        {
            return unknownKey ? TokenStatus.UnknownKey : TokenStatus.Invalid;
        }

        if (unknownKey)
        {
            (further ??= new()).HasUnknownKey = true;
        }

        return TokenStatus.Valid;
    }

    private static bool MoveToCandidate(ref CookieScanner scanner)
    {
        while (scanner.MoveNext())
        {
            if (scanner.Current.Length == SessionToken.EncodedLength)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a text was seen before. Both are the requester's, so the comparison need not take the same time wherever they differ.</summary>
    private static bool IsIn(ReadOnlySpan<(int Header, int Start)> seen, in PresentedTokens presented, ReadOnlySpan<char> text)
    {
        foreach (var (header, start) in seen)
        {
            if (presented.Cookies[header].AsSpan(start, SessionToken.EncodedLength).SequenceEqual(text))
            {
                return true;
            }
        }

        return false;
    }
}
