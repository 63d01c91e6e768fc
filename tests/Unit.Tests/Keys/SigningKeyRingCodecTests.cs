using ServerSession.Tests.Support;

namespace ServerSession.Tests.Keys;

public sealed class SigningKeyRingCodecTests
{
    private static readonly TokenSigningKeyRing Ring = new([Sample.Key(1, Sample.Now.AddDays(-30), Sample.Now.AddDays(365)), Sample.Key(2, Sample.Now)]);

    [Fact]
    public void Decode_of_an_encoded_ring_is_that_ring()
    {
        var decoded = SigningKeyRingCodec.Decode(SigningKeyRingCodec.Encode(Ring));

        Assert.Equal(Ring.Keys.Select(Show), decoded.Keys.Select(Show));
    }

    [Fact]
    public void Decode_of_format_1_is_the_ring_that_versions_before_format_2_stored()
    {
        byte[] key = [0x03, 32, .. Enumerable.Repeat((byte)2, 32), 0x04, 5, 0x06, 0x80, 0x01];

        var decoded = Assert.Single(SigningKeyRingCodec.Decode([1, 0x03, (byte)key.Length, .. key]).Keys);

        Assert.Equal(Enumerable.Repeat((byte)2, 32), decoded.ExportSecret());
        Assert.Equal((5L, 128L), (decoded.SignsFrom.UtcTicks, decoded.VerifiesUntil.UtcTicks));
    }

    [Fact]
    public void Decode_of_every_truncation_and_corruption_decodes_or_is_refused()
    {
        var valid = SigningKeyRingCodec.Encode(Ring);
        var decoded = 0;
        for (var index = 0; index < valid.Length; index++)
        {
            decoded += Try(valid[..index]) ? 1 : 0;
            for (var value = 0; value < 256; value++)
            {
                var bytes = (byte[])valid.Clone();
                bytes[index] = (byte)value;
                decoded += Try(bytes) ? 1 : 0;
            }
        }

        Assert.InRange(decoded, 1, valid.Length * 256);
    }

    /// <summary>One key twice, or a key of a wrong size, once escaped as an argument exception.</summary>
    [Fact]
    public void Decode_of_a_ring_that_cannot_be_used_is_refused()
    {
        var once = SigningKeyRingCodec.Encode(new TokenSigningKeyRing([Sample.Key(1)]));

        Assert.False(Try([1]));
        Assert.False(Try([.. once, .. once[3..]]));
        Assert.False(Try([1, 3, 3, 3, 1, 0]));
        Assert.False(Try([2]));
    }

    private static bool Try(byte[] bytes)
    {
        try
        {
            SigningKeyRingCodec.Decode(bytes);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static string Show(TokenSigningKey key) => $"{key} {Convert.ToHexString(key.ExportSecret())}";
}
