using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace ServerSession.Tests;

/// <summary>Requests without a valid token are cheap: what stands in place of a token is judged with bounded work.</summary>
public sealed class TokenReaderTests
{
    private const string Cookie = "__Host-session";
    private const string Header = "Session-Token";

    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly VerifiedTokens _tokens = new();
    private readonly TokenSigningKeyRing _ring = new([new TokenSigningKey(SHA256.HashData([1]), Now, Now.AddDays(1))]);

    private static HttpRequest Request(string name, params string[] values)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers[name] = values;
        return context.Request;
    }

    /// <summary>
    /// The bytes that a repetition allocates, once everything is compiled and made. What the action allocates, it allocates in every round;
    /// a collection between two looks at the counter adds to one of them what was left of the thread's last piece of memory.
    /// </summary>
    private static long AllocatedBy(Action action)
    {
        action();
        return Enumerable.Range(0, 20).Select(_ => Once()).ToArray().Min();

        long Once()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private string Forged()
    {
        var text = SessionToken.New().Encode(_ring.Keys[0]).ToCharArray();
        text[^1] = text[^1] == 'A' ? 'B' : 'A';
        return new string(text);
    }

    private static TokenCandidates Candidates(HttpRequest request) => TokenCandidates.Find(new PresentedTokens(request, Header), Cookie, Now);

    private TokenStatus Read(HttpRequest request, TokenSigningKeyRing ring) => Read(request, ring, out _, out _);

    private TokenStatus Read(HttpRequest request, TokenSigningKeyRing ring, out VerifiedToken? token, out FurtherTokens? further) =>
        TokenReader.Read(new PresentedTokens(request, Header), Candidates(request), Cookie, _tokens, ring, Now, out token, out further);

    [Theory]
    [InlineData(0)]
    [InlineData(SessionToken.EncodedLength - 1)]
    [InlineData(SessionToken.EncodedLength + 1)]
    [InlineData(4096)]
    [InlineData(1_000_000)]
    public void Text_of_another_length_is_refused_without_a_key_or_memory(int length)
    {
        var text = new string('A', length);
        foreach (var request in new[] { Request("Cookie", $"{Cookie}={text}"), Request("Cookie", $"a=b; {Cookie}={text}; c=d", $"{Cookie}={text}"), Request(Header, text) })
        {
            Assert.False(Candidates(request).Any);

            // Without a ring there is no key to check a signature with: whoever tried would fail.
            Assert.Equal(TokenStatus.Invalid, Read(request, null!));
            Assert.Equal(0, AllocatedBy(() => _ = Candidates(request).Any));
            Assert.Equal(0, AllocatedBy(() => Read(request, null!)));
        }
    }

    [Fact]
    public void Allocation_of_an_action_that_allocates_is_found() => Assert.Equal(24, AllocatedBy(static () => GC.KeepAlive(new object())));

    [Fact]
    public void Text_of_the_length_of_a_token_is_checked_with_a_key() =>
        Assert.Throws<ArgumentNullException>(() => Read(Request("Cookie", $"{Cookie}={Forged()}"), null!));

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(1000)]
    public void Tokens_forged_in_any_number_are_refused_without_memory(int count)
    {
        var request = Request("Cookie", string.Join("; ", Enumerable.Range(0, count).Select(_ => $"{Cookie}={Forged()}")));

        Assert.True(Candidates(request).Any);
        Assert.Equal(TokenStatus.Invalid, Read(request, _ring));
        Assert.Equal(0, AllocatedBy(() => Read(request, _ring)));
    }

    /// <summary>Four texts that were no tokens once hid the token behind them.</summary>
    [Fact]
    public void Token_behind_forged_ones_is_found_up_to_the_last_check()
    {
        var valid = $"{Cookie}={SessionToken.New().Encode(_ring.Keys[0])}";
        var forged = Enumerable.Range(0, TokenReader.MaximumChecks).Select(_ => $"{Cookie}={Forged()}").ToArray();

        Assert.Equal(TokenStatus.Valid, Read(Request("Cookie", [.. forged[1..], valid]), _ring));
        Assert.Equal(TokenStatus.Invalid, Read(Request("Cookie", [.. forged, valid]), _ring));
        Assert.Equal(TokenStatus.Valid, Read(Request("Cookie", [valid, .. forged]), _ring));
    }

    [Fact]
    public void Text_that_is_repeated_is_checked_once()
    {
        var valid = $"{Cookie}={SessionToken.New().Encode(_ring.Keys[0])}";
        var forged = Enumerable.Repeat($"{Cookie}={Forged()}", 5 * TokenReader.MaximumChecks).ToArray();

        Assert.Equal([TokenStatus.Valid], All(Request("Cookie", [.. forged, valid, valid])));
        Assert.Equal([TokenStatus.Valid], All(Request("Cookie", string.Join("; ", [.. forged, valid, .. forged, valid]))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(TokenReader.MaximumTokens)]
    [InlineData(TokenReader.MaximumTokens + 5)]
    public void Tokens_that_are_valid_are_found_in_their_order(int count)
    {
        var tokens = Enumerable.Range(0, count).Select(static _ => SessionToken.New()).ToArray();
        var cookies = tokens.Select(token => $"{Cookie}={token.Encode(_ring.Keys[0])}").ToArray();
        var expected = tokens.Take(TokenReader.MaximumTokens).Select(static token => token.Id).ToArray();

        foreach (var request in new[] { Request("Cookie", cookies), Request("Cookie", string.Join("; ", cookies)), Request("Cookie", [cookies[0], $"  a=b;  {string.Join(" ; c=d;  ", cookies)}"]) })
        {
            Assert.Equal(TokenStatus.Valid, Read(request, _ring, out var token, out var further));
            List<SessionId> found = [token!.Id];
            Assert.Equal(tokens[0].Verifier.Hash(), token.Verifier);
            while (further?.Take() is { } next)
            {
                found.Add(next.Id);
                Assert.Equal(tokens[found.Count - 1].Verifier.Hash(), next.Verifier);
            }

            Assert.Equal(expected, found);
        }
    }

    [Fact]
    public void Key_that_is_unknown_beside_a_token_is_told()
    {
        var other = new TokenSigningKey(SHA256.HashData([2]), Now, Now.AddDays(1));
        var (known, unknown) = (SessionToken.New().Encode(_ring.Keys[0]), SessionToken.New().Encode(other));

        Assert.Equal(TokenStatus.UnknownKey, Read(Request("Cookie", $"{Cookie}={unknown}; {Cookie}={Forged()}"), _ring));
        Read(Request("Cookie", $"{Cookie}={unknown}; {Cookie}={known}"), _ring, out _, out var further);
        Assert.True(further!.HasUnknownKey);
    }

    private TokenStatus[] All(HttpRequest request)
    {
        var first = Read(request, _ring, out _, out var further);
        return [first, .. further?.Take() is not null ? [TokenStatus.Valid] : Array.Empty<TokenStatus>()];
    }
}
