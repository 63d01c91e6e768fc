using System.Text;
using System.Text.Json;

namespace ServerSession.Tests.Secrecy;

/// <summary>The search finds what it should, and nothing else.</summary>
public class SecretSpellingsTests
{
    private static readonly TokenSigningKey Key = new(new byte[TokenSigningKey.MinimumSecretBytes], DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

    [Fact]
    public void Verifier_of_a_token_is_the_one_it_was_made_with()
    {
        var verifier = SessionVerifier.New();
        var bytes = SecretSpellings.VerifierOf(new SessionToken(SessionId.New(), verifier).Encode(Key));

        Assert.Equal(verifier.Hash(), SessionVerifier.ReadFrom(bytes).Hash());
    }

    [Fact]
    public void Token_and_verifier_in_any_spelling_are_found()
    {
        var token = SessionToken.New().Encode(Key);
        var verifier = SecretSpellings.VerifierOf(token);
        var search = new SecretSearch(token);
        string[] texts =
        [
            token, token.ToUpperInvariant(), $"x{token[..45]}", Uri.EscapeDataString(token), string.Concat(token.Select(static c => Uri.HexEscape(c))),
            Convert.ToHexString(verifier), Convert.ToHexStringLower(verifier), $"{Convert.ToHexString(verifier)[..20]}…", BitConverter.ToString(verifier),
            Convert.ToBase64String(verifier), Convert.ToBase64String([1, .. verifier, 2, 3]), Convert.ToBase64String([1, 2, .. verifier]),
            Convert.ToBase64String(Encoding.UTF8.GetBytes($"Bearer {token}")), JsonSerializer.Serialize(verifier.Select(static b => (int)b)),
            new Guid(verifier).ToString("D"), $"{BitConverter.ToUInt64(verifier)}", $"{BitConverter.ToUInt128(verifier)}",
        ];

        Assert.All(texts, text => Assert.True(search.IsIn(text), text));
        Assert.All(texts, text => Assert.True(search.IsIn(Encoding.UTF8.GetBytes(text)), text));
        Assert.True(search.IsIn([1, 2, 3, .. verifier, 4]));
        Assert.True(search.IsIn(Encoding.Unicode.GetBytes(token)));
    }

    [Fact]
    public void Id_that_is_public_hash_and_other_tokens_are_not_found()
    {
        var token = SessionToken.New();
        var search = new SecretSearch(token.Encode(Key));
        string[] texts = [token.Id.ToString(), token.Encode(Key)[..25], token.ToString(), $"{token.Verifier.Hash()}", SessionToken.New().Encode(Key)];

        Assert.All(texts, text => Assert.False(search.IsIn(text), text));
    }
}
