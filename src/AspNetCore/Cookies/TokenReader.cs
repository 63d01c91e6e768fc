namespace ServerSession.AspNetCore;

/// <summary>How a request carries its token, and how an answer hands one out.</summary>
internal enum TokenTransport : byte
{
    Cookie = 0,
    Header = 1,
}

/// <summary>
/// Reads the tokens of a request, strictly and with bounded work: in one place, each in its one spelling, in the header's order.
/// </summary>
/// <remarks>
/// A request may carry several cookies of the name: of another path, of a parent domain, of an attacker on a neighbouring host. An invalid value must not hide
/// a valid token, and only the session grains know which of several sessions is live. So the reader finds all tokens, up to <see cref="MaximumTokens"/>
/// different ones
/// among the first <see cref="MaximumChecks"/> different texts of a token's length.
/// </remarks>
internal static class TokenReader
{
    /// <summary>The most tokens of a request: more sessions than these are not asked for.</summary>
    public const int MaximumTokens = 8;

    /// <summary>The most texts of a token's length that are checked with a key.</summary>
    public const int MaximumChecks = 32;

    /// <summary>Reads the first token among the candidates, and those after it.</summary>
    public static TokenStatus Read(
        in PresentedTokens presented,
        in TokenCandidates candidates,
        string cookieName,
        VerifiedTokens tokens,
        TokenSigningKeyRing ring,
        DateTimeOffset now,
        out VerifiedToken? token,
        out FurtherTokens? further)
    {
        token = null;
        further = null;
        if (candidates.Several)
        {
            return ReadSeveral(in presented, cookieName, tokens, ring, now, out token, out further);
        }

        return candidates.Any
            ? tokens.Parse(TextAt(in presented, candidates.First), ring, now, out token)
            : TokenStatus.Invalid;
    }

    /// <summary>Scans the cookies again: storing the positions of all would take an amount of memory that a hostile request controls.</summary>
    private static TokenStatus ReadSeveral(
        in PresentedTokens presented,
        string cookieName,
        VerifiedTokens tokens,
        TokenSigningKeyRing ring,
        DateTimeOffset now,
        out VerifiedToken? token,
        out FurtherTokens? further)
    {
        token = null;
        further = null;
        Span<(int Header, int Start)> seen = stackalloc (int, int)[MaximumChecks];
        var checks = 0;
        var found = 0;
        var unknownKey = false;
        var scanner = new CookieScanner(presented.Values, cookieName);
        while (found < MaximumTokens && checks < MaximumChecks && scanner.MoveNext())
        {
            if (scanner.Current.Length != SessionToken.EncodedLength || IsIn(seen[..checks], in presented, scanner.Current))
            {
                continue;
            }

            seen[checks++] = scanner.Place;
            var status = tokens.Parse(scanner.Current, ring, now, out var candidate);
            unknownKey |= status == TokenStatus.UnknownKey;
            if (status != TokenStatus.Valid)
            {
                continue;
            }

            if (++found == 1)
            {
                token = candidate;
            }
            else
            {
                (further ??= new()).Add(candidate!);
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

    /// <summary>Whether a text was seen before. Both are the requester's, so the comparison need not take the same time wherever they differ.</summary>
    private static bool IsIn(ReadOnlySpan<(int Header, int Start)> seen, in PresentedTokens presented, ReadOnlySpan<char> text)
    {
        foreach (var place in seen)
        {
            if (TextAt(in presented, place).SequenceEqual(text))
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<char> TextAt(in PresentedTokens presented, (int Header, int Start) place) =>
        presented.Values[place.Header].AsSpan(place.Start, SessionToken.EncodedLength);
}
