using System.Buffers.Text;
using System.Security.Cryptography;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Tokens;

public sealed class SessionTokenTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private static readonly TokenSigningKey Key = Sample.Key(1);
    private static readonly TokenSigningKeyRing Ring = new([Key]);
    private static readonly SessionToken Token = new(Sample.Id, Sample.Verifier);
    private static readonly string Encoded = Token.Encode(Key);

    /// <summary>Built from the grammar with the framework's primitives alone, so that the format cannot drift with the code.</summary>
    [Fact]
    public void Encode_of_a_fixed_token_has_the_documented_bytes()
    {
        byte[] body = [0x01, (byte)(Key.Id >> 8), (byte)Key.Id, .. Convert.FromHexString("00112233445566778899AABBCCDDEEFF"), .. "0123456789abcdef"u8];
        byte[] secret = new byte[32];
        Array.Fill(secret, (byte)1);

        Assert.Equal(Base64Url.EncodeToString([.. body, .. HMACSHA256.HashData(secret, body).AsSpan(0, 16)]), Encoded);
    }

    [Fact]
    public void Encode_of_a_fixed_token_is_the_golden_text() =>
        Assert.Equal("AXSSABEiM0RVZneImaq7zN3u_zAxMjM0NTY3ODlhYmNkZWaj0jvqbuiiGH2PZui7ZKv_", Encoded);

    [Fact]
    public void Parse_of_the_canonical_spelling_is_valid()
    {
        Assert.Equal(SessionToken.EncodedLength, Encoded.Length);
        Assert.Equal(TokenStatus.Valid, SessionToken.Parse(Encoded, Ring, Sample.Now, out var token));
        Assert.Equal(Sample.Id, token.Id);
        Assert.Equal(Sample.Verifier, token.Verifier);
    }

    /// <summary>
    /// The framework's TryDecodeFromChars throws for a character outside the alphabet, so that a forged cookie once became a 500.
    /// </summary>
    [Fact]
    public void Parse_of_every_single_character_mutation_is_not_valid()
    {
        var text = Encoded.ToCharArray();
        foreach (var candidate in Alphabet + "+/=%. \t\r\n\0\u00a0é\u0100\uff21\ud800")
        {
            for (var index = 0; index < text.Length; index++)
            {
                var original = text[index];
                text[index] = candidate;
                Assert.True(
                    candidate == original || SessionToken.Parse(text, Ring, Sample.Now, out var token) != TokenStatus.Valid && token.Id.IsDefault,
                    $"character {index} as U+{(int)candidate:x4}");
                text[index] = original;
            }
        }
    }

    [Fact]
    public void Parse_of_other_lengths_and_padding_is_invalid()
    {
        string[] texts =
        [
            "", " ", Encoded + "=", Encoded + "==", Encoded + " ", " " + Encoded, Encoded[..^1], Encoded[1..], Encoded[..^1] + "=", Encoded[..^2] + "==",
            Encoded[..^1] + "%", " " + Encoded[..^1], Encoded[..34] + " " + Encoded[34..^1], "    " + Encoded[..^4], Encoded[..34] + "\r\n\t " + Encoded[34..^4],
            Encoded + Encoded, new string('A', 68), new string('_', 68), new string('é', 68), new string('A', 1 << 16),
        ];
        Assert.All(texts, text => Assert.Equal(TokenStatus.Invalid, SessionToken.Parse(text, Ring, Sample.Now, out _)));
    }

    [Fact]
    public void Parse_of_another_format_byte_is_invalid_even_with_a_right_signature()
    {
        for (var format = 0; format < 256; format++)
        {
            var bytes = Base64Url.DecodeFromChars(Encoded);
            bytes[0] = (byte)format;
            Key.Sign(bytes.AsSpan(0, 35), bytes.AsSpan(35));
            var expected = format == 1 ? TokenStatus.Valid : TokenStatus.Invalid;
            Assert.Equal(expected, SessionToken.Parse(Base64Url.EncodeToString(bytes), Ring, Sample.Now, out _));
        }
    }

    [Fact]
    public void Parse_of_a_signed_token_without_an_id_is_invalid()
    {
        var bytes = Base64Url.DecodeFromChars(Encoded);
        bytes.AsSpan(3, 16).Clear();
        Key.Sign(bytes.AsSpan(0, 35), bytes.AsSpan(35));

        Assert.Equal(TokenStatus.Invalid, SessionToken.Parse(Base64Url.EncodeToString(bytes), Ring, Sample.Now, out _));
    }

    [Fact]
    public void Parse_with_a_key_the_ring_does_not_have_is_an_unknown_key()
    {
        Assert.Equal(TokenStatus.UnknownKey, SessionToken.Parse(Encoded, new TokenSigningKeyRing([Sample.Key(2)]), Sample.Now, out _));
    }

    [Fact]
    public void Parse_of_a_token_signed_under_another_keys_id_is_invalid()
    {
        var other = Sample.Key(2);
        var bytes = Base64Url.DecodeFromChars(Encoded);
        (bytes[1], bytes[2]) = ((byte)(other.Id >> 8), (byte)other.Id);

        Assert.Equal(TokenStatus.Invalid, SessionToken.Parse(Base64Url.EncodeToString(bytes), new TokenSigningKeyRing([Key, other]), Sample.Now, out _));
    }

    [Fact]
    public void Parse_after_the_key_retired_is_an_unknown_key()
    {
        var ring = new TokenSigningKeyRing([Sample.Key(1, verifiesUntil: Sample.Now)]);

        Assert.Equal(TokenStatus.Valid, SessionToken.Parse(Encoded, ring, Sample.Now.AddTicks(-1), out _));
        Assert.Equal(TokenStatus.UnknownKey, SessionToken.Parse(Encoded, ring, Sample.Now, out _));
    }

    [Fact]
    public void New_makes_tokens_that_differ()
    {
        var tokens = Enumerable.Range(0, 1000).Select(_ => SessionToken.New().Encode(Key)).ToHashSet();

        Assert.Equal(1000, tokens.Count);
    }
}
