using ServerSession.Tests.Support;

namespace ServerSession.Tests.Rules;

public sealed class CreateTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private static CreateSession Request => new() { Verifier = Sample.Verifier.Hash(), Terms = SessionTerms.Default, IssuedAt = Sample.Now };

    [Fact]
    public void Create_makes_version_one_with_its_data_and_deadline()
    {
        var decision = Decide(Request with { Changes = [Sample.Set("quote", "q"), SessionChange.Increment("n", 4)] });

        Assert.True(decision.MustStore);
        Assert.Equal(SessionOutcome.Created, decision.Reply.Outcome);
        Assert.Same(decision.Next!.Snapshot, decision.Reply.Snapshot);
        Assert.Equal(1, decision.Next.Snapshot.Version);
        Assert.Equal(Sample.Now, decision.Next.Snapshot.CreatedAt);
        Assert.Equal("q", Sample.Text(decision.Next.Snapshot.Data, "quote"));
        Assert.Equal(4, decision.Reply.Results![1].Number);
        Assert.Equal(Sample.Now.AddMinutes(20), decision.Reply.ExpiresAt);
    }

    [Theory]
    [InlineData(-1, SessionOutcome.Created, SessionOutcome.Late)]
    [InlineData(1, SessionOutcome.Created, SessionOutcome.Late)]
    public void Create_at_the_edge_of_the_window_is_made_and_one_tick_beyond_is_late(int side, SessionOutcome at, SessionOutcome beyond)
    {
        Assert.Equal(at, Decide(Request with { IssuedAt = Sample.Now + (Sample.Window * side) }).Reply.Outcome);
        var late = Decide(Request with { IssuedAt = Sample.Now + ((Sample.Window + Tick) * side) });
        Assert.Equal(beyond, late.Reply.Outcome);
        Assert.Null(late.Next);
    }

    [Theory]
    [InlineData(0, SessionOutcome.Created)]
    [InlineData(1, SessionOutcome.Late)]
    public void Create_after_its_caller_gave_up_makes_nothing(int ticks, SessionOutcome expected)
    {
        var request = Request with { NotAfter = Sample.Now.AddSeconds(6) };

        var decision = Decide(request, request.NotAfter.Value + (Tick * ticks));

        Assert.Equal(expected, decision.Reply.Outcome);
        Assert.Equal(expected == SessionOutcome.Created, decision.Next is not null);
    }

    /// <summary>The tombstone once ended with the window, and a silo whose clock was behind accepted a duplicate of the create.</summary>
    [Fact]
    public void CreateEndsAt_covers_a_silo_whose_clock_is_one_window_behind()
    {
        var state = Decide(Request).Next!;
        var behind = state.CreateEndsAt + Tick - Sample.Window;

        Assert.Equal(SessionOutcome.Late, Decide(Request, behind).Reply.Outcome);
    }

    [Fact]
    public void Create_over_a_limit_makes_nothing()
    {
        var decision = Decide(Request with { Changes = [Sample.Set("k", new string('x', 70_000))] });

        Assert.Equal(SessionOutcome.TooLarge, decision.Reply.Outcome);
        Assert.Equal(SessionLimit.ValueBytes, decision.Reply.Refusal!.Limit);
        Assert.Null(decision.Next);
        Assert.False(decision.MustStore);
    }

    /// <summary>A session that nobody could open, and that could not be read back from the store, was once made.</summary>
    [Fact]
    public void Create_with_a_default_verifier_or_wrong_terms_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Decide(Request with { Verifier = default }));
        var fault = Assert.Throws<ArgumentException>(() => Decide(Request with { Terms = new() { IdleTimeout = TimeSpan.Zero } }));
        Assert.Contains("IdleTimeout", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_at_the_ends_of_time_does_not_overflow()
    {
        foreach (var now in new[] { DateTimeOffset.MinValue, DateTimeOffset.MaxValue })
        {
            var decision = Decide(Request with { IssuedAt = now }, now);
            Assert.Equal(SessionOutcome.Created, decision.Reply.Outcome);
            Assert.True(decision.Reply.ExpiresAt >= now);
        }
    }

    private static SessionDecision Decide(CreateSession request, DateTimeOffset? now = null) =>
        SessionRules.Create(request, now ?? Sample.Now, SessionLimits.Default, Sample.Window);
}
