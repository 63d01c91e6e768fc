using ServerSession.Tests.Support;

namespace ServerSession.Tests.Tokens;

/// <summary>The token is a secret: what a careless log line, an interpolated string or an exception would show.</summary>
public sealed class SecrecyTests
{
    private static readonly SessionToken Token = new(Sample.Id, Sample.Verifier);

    [Fact]
    public void ToString_of_a_secret_is_redacted()
    {
        object[] secrets = [Token, Token.Verifier, Token.Verifier.Hash(), default(SessionToken), default(VerifierHash)];
        Assert.All(secrets, secret =>
        {
            Assert.Equal("[redacted]", secret.ToString());
            Assert.Equal("[redacted]", $"{secret}");
            Assert.Equal("[redacted]", string.Format(null, "{0:x}", secret));
        });
        Assert.Equal("[redacted] [redacted] [redacted]", $"{Token} {Token.Verifier} {Token.Verifier.Hash()}");
    }

    [Fact]
    public void ToString_of_requests_and_replies_shows_no_secret_key_or_value()
    {
        var changes = new[] { Sample.Set("secret-key", "secret-value") };
        var snapshot = new SessionSnapshot(1, Sample.Now, SessionTerms.Default, Sample.Data(("secret-key", "secret-value")));
        object[] messages =
        [
            new CreateSession { Verifier = Token.Verifier.Hash(), Terms = SessionTerms.Default, IssuedAt = Sample.Now, Changes = changes },
            new CommitSession { Verifier = Token.Verifier.Hash(), NewVerifier = Sample.OtherVerifier.Hash(), Operation = new(1, 2), IssuedAt = Sample.Now, Changes = changes },
            new DestroySession { Verifier = Token.Verifier.Hash() },
            new SessionReply { Snapshot = snapshot, Results = [new SessionChangeResult(true, new SessionValue(Sample.Bytes("secret-value")))] },
            new Session(changes).State,
            snapshot,
            changes[0],
            Sample.Key(0x41),
            new TokenSigningKeyRing([Sample.Key(0x41)]),
        ];
        Assert.All(messages, message => AssertHarmless(message.ToString()!));
    }

    [Fact]
    public void ToString_of_a_request_says_that_its_verifier_is_redacted()
    {
        Assert.Contains("Verifier = [redacted]", new DestroySession { Verifier = Token.Verifier.Hash() }.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void GetHashCode_of_a_verifier_is_refused_without_showing_it()
    {
        AssertHarmless(Assert.Throws<NotSupportedException>(() => Token.Verifier.GetHashCode()).ToString());
    }

    private static void AssertHarmless(string text)
    {
        Span<byte> hash = stackalloc byte[VerifierHash.Size];
        Token.Verifier.Hash().WriteTo(hash);
        string[] secrets = ["0123456789abcdef", Token.Encode(Sample.Key(1)), Convert.ToHexString(hash), "secret-key", "secret-value", "AAAAAAAA", "4141"];
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase));
    }
}
