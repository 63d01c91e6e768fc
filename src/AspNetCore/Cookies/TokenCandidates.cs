namespace ServerSession.AspNetCore;

/// <summary>What one scan found in a request: whether texts have the length of a token, where the first stands, and when the cookie was written.</summary>
internal readonly struct TokenCandidates
{
    /// <summary>Seconds since 1970, as the cookie has them; 0 where no value has a time.</summary>
    private readonly uint _writtenAt;

    private TokenCandidates((int Header, int Start) first, bool any, bool several, bool hasCookie, uint writtenAt)
    {
        First = first;
        Any = any;
        Several = several;
        HasCookie = hasCookie;
        _writtenAt = writtenAt;
    }

    /// <summary>Whether there is one.</summary>
    public bool Any { get; }

    /// <summary>Whether there is more than one, the same text again included.</summary>
    public bool Several { get; }

    /// <summary>Where the first stands: in which of the values, and from which character on.</summary>
    public (int Header, int Start) First { get; }

    /// <summary>Whether the request has a cookie of the name, whatever is in it.</summary>
    public bool HasCookie { get; }

    /// <summary>When a cookie of the name was written: of several times the one nearest to the scan. Null where no value has a time.</summary>
    public DateTimeOffset? WrittenAt => _writtenAt == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(_writtenAt);

    /// <summary>Scans a request, without copying or allocating.</summary>
    /// <param name="presented">What the request brought.</param>
    /// <param name="cookieName">The name of the session's cookie.</param>
    /// <param name="now">The present time, to choose among several times.</param>
    public static TokenCandidates Find(in PresentedTokens presented, string cookieName, DateTimeOffset now)
    {
        var values = presented.Values;
        if (presented.Transport == TokenTransport.Header)
        {
            return new(default, values.Count == 1 && values[0]?.Length == SessionToken.EncodedLength, several: false, hasCookie: false, writtenAt: 0);
        }

        var scanner = new CookieScanner(values, cookieName);
        var first = (Header: 0, Start: 0);
        bool any = false, several = false, hasCookie = false;
        DateTimeOffset? writtenAt = null;
        while (scanner.MoveNext())
        {
            hasCookie = true;
            if (CookieStamp.TryReadTime(scanner.Value, out var time) && (writtenAt is not { } nearest || (now - time).Duration() < (now - nearest).Duration()))
            {
                writtenAt = time;
            }

            if (scanner.Current.Length == SessionToken.EncodedLength)
            {
                first = any ? first : scanner.Place;
                several = any;
                any = true;
            }
        }

        return new(first, any, several, hasCookie, (uint)(writtenAt?.ToUnixTimeSeconds() ?? 0));
    }
}
