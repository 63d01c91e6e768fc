using ServerSession.Tests.Support;

namespace ServerSession.Tests.Rules;

public sealed class DeadlineTests
{
    [Theory]
    [InlineData(0, 20)]
    [InlineData(30, 50)]
    [InlineData(40, 60)]
    [InlineData(41, 60)]
    [InlineData(59, 60)]
    public void Deadline_is_the_earlier_of_idle_and_absolute(int lastAccessMinutes, int expectedMinutes)
    {
        var state = State(Sample.Now, new() { IdleTimeout = TimeSpan.FromMinutes(20), AbsoluteLifetime = TimeSpan.FromMinutes(60) });

        Assert.Equal(Sample.Now.AddMinutes(expectedMinutes), state.Deadline(Sample.Now.AddMinutes(lastAccessMinutes)));
    }

    /// <summary>A time near the end of time once made the arithmetic throw.</summary>
    [Fact]
    public void Deadline_near_the_end_of_time_is_the_end_of_time()
    {
        var terms = SessionTerms.Default with { AbsoluteLifetime = SessionTerms.MaximumTime };

        Assert.Equal(DateTimeOffset.MaxValue, State(DateTimeOffset.MaxValue, terms).Deadline(DateTimeOffset.MaxValue));
        Assert.Equal(Sample.Now + SessionTerms.MaximumTime, State(Sample.Now, terms).Deadline(DateTimeOffset.MaxValue));
        Assert.Equal(DateTimeOffset.MaxValue, State(DateTimeOffset.MaxValue.AddMinutes(-20), terms).Deadline(DateTimeOffset.MaxValue.AddMinutes(-20)));
    }

    [Fact]
    public void Open_and_commit_tell_the_deadline_of_the_access_they_are_given()
    {
        var session = new Session();
        var access = Sample.Now.AddMinutes(5);

        Assert.Equal(access.AddMinutes(20), SessionRules.Open(session.State, session.Verifier, access).ExpiresAt);
        var decision = SessionRules.Commit(
            session.State, session.Request(Sample.Set("k", "v")), access, Sample.Now, SessionLimits.Default, Sample.Window);
        Assert.Equal(access.AddMinutes(20), decision.Reply.ExpiresAt);
    }

    private static SessionState State(DateTimeOffset createdAt, SessionTerms terms) => new()
    {
        Snapshot = new SessionSnapshot(1, createdAt, terms, SessionData.Empty),
        Verifier = Sample.Verifier.Hash(),
        CreateEndsAt = createdAt,
    };
}
