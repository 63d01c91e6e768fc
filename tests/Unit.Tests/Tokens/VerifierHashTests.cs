using System.Security.Cryptography;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Tokens;

public sealed class VerifierHashTests
{
    [Fact]
    public void Hash_is_the_SHA256_of_the_verifier()
    {
        Span<byte> hash = stackalloc byte[VerifierHash.Size];
        Sample.Verifier.Hash().WriteTo(hash);

        Assert.Equal(Convert.ToHexString(SHA256.HashData("0123456789abcdef"u8)), Convert.ToHexString(hash));
    }

    [Fact]
    public void Equality_sees_every_single_bit()
    {
        Span<byte> bytes = stackalloc byte[VerifierHash.Size];
        var hash = Sample.Verifier.Hash();
        hash.WriteTo(bytes);
        for (var bit = 0; bit < VerifierHash.Size * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(VerifierHash.ReadFrom(bytes) != hash);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(VerifierHash.ReadFrom(bytes) == hash);
        Assert.True(default(VerifierHash).IsDefault);
        Assert.False(hash.IsDefault);
    }

    [Fact]
    public void Verifiers_equal_by_value_and_never_repeat()
    {
        Assert.True(Sample.Verifier == SessionVerifier.ReadFrom("0123456789abcdef"u8));
        Assert.True(Sample.Verifier != Sample.OtherVerifier);
        Assert.True(SessionVerifier.New() != SessionVerifier.New());
    }
}
