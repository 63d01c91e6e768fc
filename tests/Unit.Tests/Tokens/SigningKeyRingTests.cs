using ServerSession.Tests.Support;

namespace ServerSession.Tests.Tokens;

public sealed class SigningKeyRingTests
{
    [Fact]
    public void SigningKey_is_the_newest_whose_time_has_come()
    {
        var old = Sample.Key(1, Sample.Now.AddDays(-2));
        var present = Sample.Key(2, Sample.Now);
        var future = Sample.Key(3, Sample.Now.AddTicks(1));
        foreach (var keys in new TokenSigningKey[][] { [old, present, future], [future, present, old], [future, old, present] })
        {
            Assert.Same(present, new TokenSigningKeyRing(keys).SigningKey(Sample.Now));
            Assert.Same(old, new TokenSigningKeyRing(keys).SigningKey(Sample.Now.AddTicks(-1)));
            Assert.Same(future, new TokenSigningKeyRing(keys).SigningKey(Sample.Now.AddTicks(1)));
        }
    }

    [Fact]
    public void SigningKey_of_keys_of_one_time_is_the_first_listed()
    {
        var first = Sample.Key(1);
        var second = Sample.Key(2);

        Assert.Same(first, new TokenSigningKeyRing([first, second]).SigningKey(Sample.Now));
        Assert.Same(second, new TokenSigningKeyRing([second, first]).SigningKey(Sample.Now));
    }

    /// <summary>An expired key once signed tokens that nobody could verify.</summary>
    [Fact]
    public void SigningKey_passes_over_a_key_that_does_not_verify_any_more()
    {
        var lasting = Sample.Key(1, Sample.Now.AddDays(-2));
        var expired = Sample.Key(2, Sample.Now.AddDays(-1), Sample.Now);

        Assert.Same(lasting, new TokenSigningKeyRing([expired, lasting]).SigningKey(Sample.Now));
        Assert.Same(lasting, new TokenSigningKeyRing([lasting, expired]).SigningKey(Sample.Now));
    }

    [Fact]
    public void SigningKey_of_a_ring_whose_time_has_not_come_is_the_first()
    {
        var first = Sample.Key(1, Sample.Now.AddDays(1));

        Assert.Same(first, new TokenSigningKeyRing([first]).SigningKey(Sample.Now));
    }

    [Fact]
    public void Ring_without_keys_or_with_one_id_twice_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new TokenSigningKeyRing([]));
        var fault = Assert.Throws<ArgumentException>(() => new TokenSigningKeyRing([Sample.Key(1), Sample.Key(2), Sample.Key(1)]));
        Assert.Contains("same id", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(65)]
    public void Key_of_another_size_is_refused_without_showing_it(int size)
    {
        var fault = Assert.Throws<ArgumentException>(() => new TokenSigningKey(new byte[size], default, DateTimeOffset.MaxValue));
        Assert.Contains($"{size} bytes", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    public void Key_of_an_allowed_size_keeps_its_own_copy(int size)
    {
        var secret = new byte[size];
        var key = new TokenSigningKey(secret, default, DateTimeOffset.MaxValue);
        secret[0] = 1;

        Assert.Equal(0, key.ExportSecret()[0]);
    }
}
