using System.Security.Cryptography;
namespace ServerSession.Tests.Web;

/// <summary>A request that carries something in place of a token: Cookie headers, and headers of the configured name.</summary>
public sealed record HostileRequest(string Kind, string[] Cookies, string[] Headers);

/// <summary>Hostile texts in every place that a token may stand in, once and several times.</summary>
public sealed class HostileRequests(int seed, string valid, string otherValid)
{
    private const string Cookie = "__Host-session=";

    /// <summary>How many different texts of a token's length a request has checked with a key.</summary>
    private const int MostChecked = 32;

    private static readonly string[] Repeated =
    [
        "many forged cookies", "a valid cookie behind too many",
        "two valid headers", "the same header twice", "two headers in one", "a valid cookie beside a hostile header", "a valid header beside a hostile one",
    ];

    private readonly HostileTokens _tokens = new(seed, valid, SessionToken.New().Encode(
        new TokenSigningKey(RandomNumberGenerator.GetBytes(TokenSigningKey.MinimumSecretBytes), DateTimeOffset.MinValue, DateTimeOffset.MaxValue)));

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

    /// <summary>Different texts, each with a token's length.</summary>
    private IEnumerable<string> Forged(int count) => Enumerable.Range(0, count).Select(_ => Cookie + _tokens.Next("random bytes")).ToArray();

    private HostileRequest Repeat(string kind)
    {
        var forged = _tokens.Next("one bit changed");
        return kind switch
        {
            "many forged cookies" => new(kind, [string.Join("; ", Forged(MostChecked + 8))], []),
            "a valid cookie behind too many" => new(kind, [string.Join("; ", [.. Forged(MostChecked), Cookie + valid])], []),
            "two valid headers" => new(kind, [], [valid, otherValid]),
            "the same header twice" => new(kind, [], [valid, valid]),
            "two headers in one" => new(kind, [], [$"{valid},{valid}"]),
            "a valid cookie beside a hostile header" => new(kind, [Cookie + valid], [forged]),
            _ => new(kind, [], [forged, valid]),
        };
    }
}
