using ServerSession.Tests.Support;

namespace ServerSession.Tests.Rules;

public sealed class CommitTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly Session _session = new(Sample.Set("quote", "first"));

    [Fact]
    public void Commit_raises_the_version_by_one_and_must_be_stored()
    {
        var decision = _session.Decide(_session.Request(Sample.Set("quote", "second"), Sample.Set("other", "x")) with { WantSnapshot = true });

        Assert.True(decision.MustStore);
        Assert.Equal(SessionOutcome.Committed, decision.Reply.Outcome);
        Assert.Equal(2, decision.Reply.Snapshot!.Version);
        Assert.Equal("second", Sample.Text(decision.Reply.Snapshot.Data, "quote"));
        Assert.Equal("first", Sample.Text(_session.Data, "quote"));
        Assert.Null(decision.Reply.Results);
    }

    [Fact]
    public void Commit_without_content_changes_nothing_and_stores_nothing()
    {
        var decision = _session.Decide(_session.Request() with { WantSnapshot = true });

        Assert.Equal(SessionOutcome.Committed, decision.Reply.Outcome);
        Assert.Equal(1, decision.Reply.Snapshot!.Version);
        Assert.Null(decision.Next);
        Assert.False(decision.MustStore);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void Commit_at_the_edge_of_the_window_is_applied_and_one_tick_beyond_is_late(int side)
    {
        var request = _session.Request(Sample.Set("k", "v"));

        Assert.Equal(SessionOutcome.Committed, _session.Decide(request with { IssuedAt = Sample.Now + (Sample.Window * side) }).Reply.Outcome);
        var late = _session.Decide(request with { IssuedAt = Sample.Now + ((Sample.Window + Tick) * side) });
        Assert.Equal(SessionOutcome.Late, late.Reply.Outcome);
        Assert.Null(late.Next);
    }

    /// <summary>A commit once took effect as long as the window was open, also when its caller had reported that it failed.</summary>
    [Fact]
    public void Commit_at_the_time_its_caller_gives_up_is_applied_and_one_tick_later_is_late()
    {
        var request = _session.Request(Sample.Set("k", "v")) with { NotAfter = Sample.Now.AddSeconds(6) };

        _session.Now = request.NotAfter.Value + Tick;
        var late = _session.Decide(request);
        Assert.Equal(SessionOutcome.Late, late.Reply.Outcome);
        Assert.Null(late.Next);
        Assert.False(late.MustStore);

        _session.Now = request.NotAfter.Value;
        Assert.Equal(SessionOutcome.Committed, _session.Commit(request).Outcome);

        // What was applied is answered, however late the repeat.
        _session.Now += Tick;
        Assert.Equal(SessionOutcome.Committed, _session.Commit(request).Outcome);
    }

    [Fact]
    public void Commit_given_up_and_repeated_with_a_later_time_is_applied_once()
    {
        var request = _session.Request(SessionChange.Increment("n")) with { NotAfter = Sample.Now.AddSeconds(1) };
        _session.Now += TimeSpan.FromSeconds(2);
        Assert.Equal(SessionOutcome.Late, _session.Commit(request).Outcome);

        Assert.Equal(SessionOutcome.Committed, _session.Commit(request with { NotAfter = Sample.Now.AddSeconds(3) }).Outcome);
        Assert.Equal(SessionOutcome.Committed, _session.Commit(request with { NotAfter = Sample.Now.AddSeconds(4) }).Outcome);

        Assert.Equal("1", Sample.Text(_session.Data, "n"));
    }

    [Fact]
    public void Commit_repeated_is_answered_as_the_first_and_not_applied()
    {
        var request = _session.Request(SessionChange.Increment("n", 5), SessionChange.Take("quote"));
        var first = _session.Commit(request);
        _session.Commit(Sample.Set("quote", "later"), SessionChange.Increment("n"));

        var repeat = _session.Decide(request with { WantSnapshot = true });

        Assert.Null(repeat.Next);
        Assert.Equal(SessionOutcome.Committed, repeat.Reply.Outcome);
        Assert.Equal(first.Results, repeat.Reply.Results);
        Assert.Equal(3, repeat.Reply.Snapshot!.Version);
        Assert.Equal("later", Sample.Text(_session.Data, "quote"));
        Assert.Equal("6", Sample.Text(_session.Data, "n"));
    }

    [Fact]
    public void Commit_refused_is_remembered_and_not_applied_when_there_is_room_again()
    {
        var request = _session.Request(SessionChange.Increment("quote")) with { WantSnapshot = true };
        var refused = _session.Commit(request);
        Assert.Equal(SessionOutcome.Mismatch, refused.Outcome);
        Assert.Equal(1, _session.State.Snapshot.Version);

        _session.Commit(SessionChange.Remove("quote"));
        var repeat = _session.Decide(request);

        Assert.Null(repeat.Next);
        Assert.Equal(refused, repeat.Reply);
        Assert.Null(repeat.Reply.Snapshot);
        Assert.Equal(SessionOutcome.Committed, _session.Commit(SessionChange.Increment("quote")).Outcome);
    }

    [Fact]
    public void Commit_at_or_below_the_floor_is_late()
    {
        var request = _session.Request(SessionChange.Increment("n"));
        _session.Commit(request);
        _session.Now += Sample.Window * 2;
        _session.Commit(SessionChange.Increment("n"));
        Assert.Equal(request.IssuedAt, _session.State.Operations.ExpiredThrough);

        _session.Now -= Sample.Window;
        Assert.Equal(SessionOutcome.Late, _session.Commit(request).Outcome);
        Assert.Equal(SessionOutcome.Late, _session.Commit(_session.Request(SessionChange.Increment("n")) with { IssuedAt = request.IssuedAt }).Outcome);
        Assert.Equal(SessionOutcome.Committed, _session.Commit(_session.Request(SessionChange.Increment("n")) with { IssuedAt = request.IssuedAt + Tick }).Outcome);
    }

    /// <summary>Every commit with the default operation id was once answered as a repeat of the first: a lost update.</summary>
    [Fact]
    public void Commit_with_a_default_operation_id_is_refused()
    {
        Assert.Throws<ArgumentException>(() => _session.Decide(_session.Request(Sample.Set("k", "v")) with { Operation = default }));
    }

    [Fact]
    public void Commit_of_terms_moves_the_deadline_and_keeps_the_data()
    {
        var terms = SessionTerms.Default with { IdleTimeout = TimeSpan.FromMinutes(1) };
        var reply = _session.Commit(_session.Request() with { NewTerms = terms });

        Assert.Equal(SessionOutcome.Committed, reply.Outcome);
        Assert.Equal(Sample.Now.AddMinutes(1), reply.ExpiresAt);
        Assert.Equal(terms, _session.State.Snapshot.Terms);
        Assert.Equal(2, _session.State.Snapshot.Version);
        Assert.Equal("first", Sample.Text(_session.Data, "quote"));
    }

    [Fact]
    public void Commit_of_wrong_terms_is_refused()
    {
        Assert.Throws<ArgumentException>(() => _session.Decide(_session.Request() with { NewTerms = new() { IdleTimeout = TimeSpan.Zero } }));
    }

    [Fact]
    public void Commit_with_a_refused_change_neither_rotates_nor_changes_terms()
    {
        var request = _session.Request(SessionChange.Increment("quote")) with
        {
            NewVerifier = Sample.OtherVerifier.Hash(),
            NewTerms = SessionTerms.Default with { IdleTimeout = TimeSpan.FromMinutes(1) },
        };

        Assert.Equal(SessionOutcome.Mismatch, _session.Commit(request).Outcome);
        Assert.Equal(Sample.Verifier.Hash(), _session.State.Verifier);
        Assert.Equal(SessionTerms.Default, _session.State.Snapshot.Terms);
    }
}
