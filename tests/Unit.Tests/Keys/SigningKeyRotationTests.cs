using ServerSession.Tests.Support;

namespace ServerSession.Tests.Keys;

public sealed class SigningKeyRotationTests
{
    private static readonly TimeSpan Period = TimeSpan.FromDays(30);
    private static readonly TokenSigningKeyRing First = SigningKeyRotation.Next(null, Sample.Now, Period);
    private static readonly DateTimeOffset Due = Sample.Now + Period;

    [Fact]
    public void Next_of_nothing_is_a_key_that_signs_at_once()
    {
        var key = Assert.Single(First.Keys);

        Assert.Same(key, First.SigningKey(Sample.Now));
        Assert.Same(key, First.Find(key.Id, Sample.Now));
        Assert.Equal(DateTimeOffset.MaxValue, key.VerifiesUntil);
        Assert.Equal(32, key.ExportSecret().Length);
    }

    [Fact]
    public void Next_before_it_is_due_is_the_same_ring()
    {
        Assert.Same(First, SigningKeyRotation.Next(First, Sample.Now, Period));
        Assert.Same(First, SigningKeyRotation.Next(First, Due.AddTicks(-1), Period));
    }

    [Fact]
    public void Next_when_due_adds_a_key_that_signs_only_after_every_frontend_could_learn_it()
    {
        var ring = SigningKeyRotation.Next(First, Due, Period);
        Assert.Equal(2, ring.Keys.Count);
        var learned = Due + SigningKeyRotation.LearnTime;

        Assert.Equal(First.Keys[0].Id, ring.SigningKey(Due).Id);
        Assert.Equal(First.Keys[0].Id, ring.SigningKey(learned.AddTicks(-1)).Id);
        Assert.Equal(ring.Keys[1].Id, ring.SigningKey(learned).Id);
    }

    [Fact]
    public void Key_that_retired_verifies_for_the_longest_lifetime_after_it_stopped_signing()
    {
        var ring = SigningKeyRotation.Next(First, Due, Period);
        var end = Due + SigningKeyRotation.LearnTime + SessionTerms.MaximumTime;
        var id = First.Keys[0].Id;

        Assert.NotNull(ring.Find(id, end.AddTicks(-1)));
        Assert.Null(ring.Find(id, end));
        Assert.DoesNotContain(SigningKeyRotation.Next(ring, end, Period).Keys, key => key.Id == id);
    }

    [Fact]
    public void Next_with_a_clock_that_moves_backwards_makes_no_keys()
    {
        var ring = SigningKeyRotation.Next(First, Due, Period);
        for (var days = 0; days < 3650; days += 10)
        {
            Assert.Same(ring, SigningKeyRotation.Next(ring, Due.AddDays(-days), Period));
        }
    }

    [Fact]
    public void Next_with_a_clock_that_jumps_to_and_fro_makes_one_key_for_each_jump_ahead_at_most()
    {
        var ring = First;
        for (var round = 0; round < 100; round++)
        {
            ring = SigningKeyRotation.Next(ring, round % 2 == 0 ? Sample.Now : Due, Period);
        }

        Assert.Equal(2, ring.Keys.Count);
    }

    /// <summary>A ring whose newest key had expired once failed with an index out of range, and an expired ring with no keys at all.</summary>
    [Fact]
    public void Next_of_a_ring_whose_keys_expired_starts_again()
    {
        var lasting = Sample.Key(1, Sample.Now.AddDays(-100));
        var expired = Sample.Key(2, Sample.Now.AddDays(-50), Sample.Now);

        var ring = SigningKeyRotation.Next(new TokenSigningKeyRing([lasting, expired]), Sample.Now, Period);
        Assert.Equal(2, ring.Keys.Count);
        Assert.Equal(lasting.Id, ring.SigningKey(Sample.Now).Id);

        ring = SigningKeyRotation.Next(new TokenSigningKeyRing([expired]), Sample.Now, Period);
        Assert.Equal(Sample.Now, Assert.Single(ring.Keys).SignsFrom);
    }

    [Fact]
    public void Next_over_ten_years_always_signs_and_stays_bounded()
    {
        var ring = First;
        for (var now = Sample.Now; now < Sample.Now.AddYears(10); now = now.AddHours(12))
        {
            ring = SigningKeyRotation.Next(ring, now, Period);
            Assert.True(ring.SigningKey(now).SignsFrom <= now && ring.SigningKey(now).VerifiesUntil > now);
            Assert.InRange(ring.Keys.Count, 1, 15);
        }
    }
}
