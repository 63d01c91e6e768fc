using ServerSession.Tests.Support;

namespace ServerSession.Tests.Tokens;

public sealed class SessionIdTests
{
    private const string Text = "00112233445566778899aabbccddeeff";

    [Fact]
    public void ToString_of_an_id_is_read_back()
    {
        Assert.Equal(Text, Sample.Id.ToString());
        Assert.Equal(Text, $"{Sample.Id}");
        Assert.True(SessionId.TryParse(Text, out var id));
        Assert.Equal(Sample.Id, id);
    }

    /// <summary>Guid.TryParseExact trims its input, so an id once had spellings with white space around it.</summary>
    [Theory]
    [InlineData(" " + Text)]
    [InlineData(Text + " ")]
    [InlineData("\t" + Text + "\n")]
    [InlineData("00112233445566778899AABBCCDDEEFF")]
    [InlineData("00112233445566778899aabbccddeef")]
    [InlineData("00112233445566778899aabbccddeeff0")]
    [InlineData("00112233-4455-6677-8899-aabbccddeeff")]
    [InlineData("{00112233-4455-6677-8899-aabbccddeeff}")]
    [InlineData("0x112233445566778899aabbccddeeff")]
    [InlineData("+0112233445566778899aabbccddeeff")]
    [InlineData("0011223344556677 899aabbccddeeff")]
    [InlineData("0011223344556677٨899aabbccddeeff")]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("")]
    public void TryParse_of_any_other_spelling_is_refused(string text)
    {
        Assert.False(SessionId.TryParse(text, out var id));
        Assert.True(id.IsDefault);
    }

    [Fact]
    public void Id_that_is_default_is_rejected()
    {
        Assert.Throws<ArgumentException>(() => SessionId.FromGrainKey(Guid.Empty));
        Assert.Throws<InvalidOperationException>(() => default(SessionId).ToGrainKey());
        Assert.Throws<ArgumentException>(() => new SessionToken(default, Sample.Verifier));
        Assert.Throws<InvalidOperationException>(() => default(SessionToken).Encode(Sample.Key(1)));
    }
}
