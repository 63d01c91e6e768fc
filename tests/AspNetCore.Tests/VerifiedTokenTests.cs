using System.Security.Cryptography;

namespace ServerSession.Tests;

/// <summary>A remembered token is judged as a token read for the first time.</summary>
public sealed class VerifiedTokenTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly VerifiedTokens _tokens = new();
    private readonly TokenSigningKey _key = new(SHA256.HashData([1]), Now, Now.AddDays(1));

    private TokenSigningKeyRing Ring => new([_key]);

    [Fact]
    public void Token_that_is_read_again_is_the_same()
    {
        var token = SessionToken.New();

        for (var time = 0; time < 3; time++)
        {
            Assert.Equal(TokenStatus.Valid, _tokens.Parse(token.Encode(_key), Ring, Now, out var read));
            Assert.Equal((token.Id, token.Verifier.Hash()), (read!.Id, read.Verifier));
            Assert.Equal(token.Verifier, read.Token.Verifier);
        }
    }

    [Fact]
    public void Token_with_one_character_of_a_remembered_one_changed_is_no_token()
    {
        var text = SessionToken.New().Encode(_key);
        Assert.Equal(TokenStatus.Valid, _tokens.Parse(text, Ring, Now, out _));

        for (var at = 0; at < text.Length; at++)
        {
            var changed = text.ToCharArray();
            changed[at] = changed[at] == 'A' ? 'B' : 'A';
            Assert.NotEqual(TokenStatus.Valid, _tokens.Parse(changed, Ring, Now, out var token));
            Assert.Null(token);
        }

        Assert.Equal(TokenStatus.Valid, _tokens.Parse(text, Ring, Now, out _));
    }

    [Fact]
    public void Token_that_is_remembered_is_unknown_when_its_key_verifies_no_more()
    {
        var text = SessionToken.New().Encode(_key);
        Assert.Equal(TokenStatus.Valid, _tokens.Parse(text, Ring, Now, out _));

        Assert.Equal(TokenStatus.UnknownKey, _tokens.Parse(text, Ring, Now.AddDays(1), out _));
        var other = new TokenSigningKeyRing([new TokenSigningKey(SHA256.HashData([2]), Now, Now.AddDays(1))]);
        Assert.Equal(TokenStatus.UnknownKey, _tokens.Parse(text, other, Now, out _));
    }

    [Fact]
    public void Tokens_from_many_threads_are_each_read()
    {
        var texts = Enumerable.Range(0, 20_000).Select(_ => SessionToken.New()).Select(token => (token.Id, Text: token.Encode(_key))).ToArray();

        Parallel.For(0, 4, _ =>
        {
            foreach (var (id, text) in texts)
            {
                Assert.Equal(TokenStatus.Valid, _tokens.Parse(text, Ring, Now, out var token));
                Assert.Equal((id, token!.Token.Verifier.Hash()), (token.Id, token.Verifier));
            }
        });
    }
}
