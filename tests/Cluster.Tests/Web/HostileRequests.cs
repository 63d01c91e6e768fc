namespace ServerSession.Tests.Web;

/// <summary>A request that carries something in place of a token: Cookie headers, and headers of the configured name.</summary>
public sealed record HostileRequest(string Kind, string[] Cookies, string[] Headers);

/// <summary>Hostile texts in every place that a token may stand in, once and several times.</summary>
public sealed class HostileRequests(int seed, string valid, string otherValid)
{
    private const string Cookie = "__Host-session=";

    private static readonly string[] Repeated =
    [
        "two valid cookies", "two valid cookies in two headers", "a valid cookie among too many", "a valid cookie too often",
        "two valid headers", "the same header twice", "two headers in one", "a valid cookie beside a hostile header", "a valid header beside a hostile one",
    ];

    private readonly HostileTokens _tokens = new(seed, valid);

    /// <summary>Requests without end; of each round of kinds every one comes once.</summary>
    public IEnumerable<HostileRequest> All()
    {
        while (true)
        {
            foreach (var kind in HostileTokens.Kinds)
            {
                // The test server drops a header without a value, so it hides no cookie there; Kestrel's test sends one.
                yield return new($"cookie: {kind}", [Cookie + _tokens.Next(kind)], []);
                yield return new($"header: {kind}", [], [_tokens.Next(kind)]);
                yield return new($"header that hides the cookie: {kind}", [Cookie + (kind == "empty" ? "" : valid)], [_tokens.Next(kind)]);
                yield return new($"two cookies: {kind}", [$"{Cookie}{_tokens.Next(kind)}; {Cookie}{_tokens.Next(kind)}"], []);
            }

            foreach (var kind in Repeated)
            {
                yield return Repeat(kind);
            }
        }
    }

    private HostileRequest Repeat(string kind)
    {
        var forged = _tokens.Next("one bit changed");
        return kind switch
        {
            "two valid cookies" => new(kind, [$"{Cookie}{valid}; {Cookie}{otherValid}"], []),
            "two valid cookies in two headers" => new(kind, [Cookie + valid, Cookie + otherValid], []),
            "a valid cookie among too many" => new(kind, [string.Join("; ", [.. Enumerable.Repeat(Cookie + forged, 4), Cookie + valid])], []),
            "a valid cookie too often" => new(kind, [string.Join("; ", Enumerable.Repeat(Cookie + valid, 5))], []),
            "two valid headers" => new(kind, [], [valid, otherValid]),
            "the same header twice" => new(kind, [], [valid, valid]),
            "two headers in one" => new(kind, [], [$"{valid},{valid}"]),
            "a valid cookie beside a hostile header" => new(kind, [Cookie + valid], [forged]),
            _ => new(kind, [], [forged, valid]),
        };
    }
}
