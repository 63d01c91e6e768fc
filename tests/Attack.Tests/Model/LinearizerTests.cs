using ServerSession.Tests.Support;

namespace ServerSession.Tests.Model;

/// <summary>The checker itself: histories that break a guarantee are refuted, and their honest neighbours are not.</summary>
public class LinearizerTests
{
    private static readonly DateTimeOffset Start = GrainClock.Start;
    private static readonly SessionTerms Terms = new() { IdleTimeout = TimeSpan.FromSeconds(10), AbsoluteLifetime = TimeSpan.FromSeconds(30) };

    private readonly HandMade _history = new(Terms);

    [Fact]
    public void History_of_an_honest_store_is_explained()
    {
        _history.Create();
        _history.Commit(1, [SessionChange.Increment("n")], _history.Live(2, "n=Bytes:1"), new SessionChangeResult(true, Value("1"), 1));
        _history.Advance(5);
        _history.Open(0, _history.Live(2, "n=Bytes:1"));

        Assert.Null(_history.Refute());
    }

    [Fact]
    public void Update_that_is_lost_is_refuted()
    {
        _history.Create();
        _history.Commit(1, [SessionDriver.Set("a", "1")], _history.Live(2, "a=Bytes:1"));
        _history.Commit(2, [SessionDriver.Set("b", "1")], _history.Live(2, "b=Bytes:1"));

        Assert.NotNull(_history.Refute());
    }

    [Fact]
    public void Read_that_is_stale_is_refuted_and_the_same_read_is_not_while_the_commit_is_under_way()
    {
        _history.Create();
        _history.Commit(1, [SessionDriver.Set("a", "1")], _history.Live(2, "a=Bytes:1"));
        _history.Open(0, _history.Live(1, ""));
        Assert.NotNull(_history.Refute());

        _history.MakeConcurrent(1, 2);
        Assert.Null(_history.Refute());
    }

    [Fact]
    public void Increment_that_is_applied_twice_is_refuted_and_an_answer_given_again_is_not()
    {
        _history.Create();
        var first = new SessionChangeResult(true, Value("1"), 1);
        _history.Commit(1, [SessionChange.Increment("n")], _history.Live(2, "n=Bytes:1"), first);
        _history.Commit(1, [SessionChange.Increment("n")], _history.Live(2, "n=Bytes:1"), first);
        Assert.Null(_history.Refute());

        _history.Commit(1, [SessionChange.Increment("n")], _history.Live(3, "n=Bytes:2"), new SessionChangeResult(true, Value("2"), 2));
        Assert.NotNull(_history.Refute());
    }

    [Fact]
    public void Session_that_comes_back_is_refuted()
    {
        _history.Create();
        _history.Destroy(0, SessionOutcome.Destroyed);
        _history.Open(0, SessionReply.Of(SessionOutcome.Gone));
        Assert.Null(_history.Refute());

        _history.Open(0, _history.Live(1, ""));
        Assert.NotNull(_history.Refute());
    }

    [Fact]
    public void Create_of_a_session_that_was_created_is_refuted()
    {
        _history.Create();
        _history.Destroy(0, SessionOutcome.Destroyed);
        _history.Create();

        Assert.NotNull(_history.Refute());
    }

    [Fact]
    public void Read_with_a_replaced_token_is_refuted()
    {
        _history.Create();
        _history.Commit(1, [], _history.Live(2, ""), rotateTo: 1);
        _history.Open(0, SessionReply.Of(SessionOutcome.Stale));
        _history.Open(1, _history.Live(2, ""));
        Assert.Null(_history.Refute());

        _history.Open(0, _history.Live(2, ""));
        Assert.NotNull(_history.Refute());
    }

    [Fact]
    public void Read_after_the_deadline_is_refuted()
    {
        _history.Create();
        _history.Advance(10);
        _history.Open(0, _history.Live(1, ""));

        Assert.NotNull(_history.Refute());
    }

    [Fact]
    public void Session_gone_before_its_deadline_is_refuted()
    {
        _history.Create();
        _history.Advance(9);
        _history.Open(0, SessionReply.Of(SessionOutcome.Gone));

        Assert.NotNull(_history.Refute());
    }

    [Fact]
    public void Last_access_that_moves_backwards_is_refuted()
    {
        _history.Create();
        _history.Advance(5);
        _history.Open(0, _history.Live(1, ""));
        _history.Open(0, _history.Live(1, "") with { ExpiresAt = Start.AddSeconds(14) }, peek: true);

        Assert.NotNull(_history.Refute());
    }

    // Defect of the checker: a touch that was stored late, after an answer without it, was taken for an access that nobody had made.
    [Fact]
    public void Last_access_may_fall_back_and_come_back_where_storage_failed_and_go_no_further()
    {
        _history.Create();
        _history.Advance(1);
        _history.Open(0, _history.Live(1, ""));
        _history.Drop();
        _history.Open(0, _history.Live(1, "") with { ExpiresAt = Start.AddSeconds(10) }, peek: true);
        Assert.NotNull(_history.Refute());
        Assert.Null(_history.Refute(regress: 0.25));

        _history.Open(0, _history.Live(1, ""), peek: true);
        Assert.Null(_history.Refute(regress: 0.25));

        _history.Open(0, _history.Live(1, "") with { ExpiresAt = Start.AddSeconds(11.1) }, peek: true);
        Assert.NotNull(_history.Refute(regress: 0.25));
    }

    // Defect of the checker: each answer let the last access fall back by another fraction.
    [Fact]
    public void Last_access_may_not_fall_back_further_than_by_one_touch_fraction()
    {
        _history.Create();
        _history.Advance(9);
        _history.Open(0, _history.Live(1, ""));
        foreach (var due in new[] { 17, 16 })
        {
            _history.Drop();
            Assert.Null(_history.Refute(regress: 0.25));
            _history.Open(0, _history.Live(1, "") with { ExpiresAt = Start.AddSeconds(due) }, peek: true);
        }

        Assert.NotNull(_history.Refute(regress: 0.25));
    }

    [Fact]
    public void Deadline_past_the_absolute_lifetime_is_refuted()
    {
        _history.Create();
        for (var second = 8; second <= 24; second += 8)
        {
            _history.Advance(8);
            _history.Open(0, _history.Live(1, ""));
        }

        Assert.Null(_history.Refute());
        _history.Open(0, _history.Live(1, "") with { ExpiresAt = Start.AddSeconds(34) });
        Assert.NotNull(_history.Refute());
    }

    [Fact]
    public void Commit_without_an_answer_may_show_late_or_never_but_not_twice_and_not_come_and_go()
    {
        _history.Create();
        _history.Commit(1, [SessionChange.Increment("n")], null);
        _history.Open(0, _history.Live(1, ""));
        Assert.Null(_history.Refute());
        _history.Open(0, _history.Live(2, "n=Bytes:1"));
        Assert.Null(_history.Refute());

        _history.Open(0, _history.Live(1, ""));
        Assert.NotNull(_history.Refute());
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public void Commit_given_up_may_show_after_what_was_sent_while_it_was_accepted_and_not_after_later_calls(int seconds, bool mayShow)
    {
        _history.Create();
        _history.Commit(1, [SessionDriver.Set("a", "1")], null, patience: 5);
        _history.Advance(seconds);
        _history.Commit(2, [SessionDriver.Set("a", "2")], _history.Live(2, "a=Bytes:2"));
        Assert.Null(_history.Refute());

        _history.Open(0, _history.Live(3, "a=Bytes:1"));
        Assert.Equal(mayShow, _history.Refute() is null);
        Assert.Null(_history.Refute(storesLate: true));
    }

    [Fact]
    public void Commit_given_up_may_have_taken_effect_before_its_time_and_show_after_it()
    {
        _history.Create();
        _history.Commit(1, [SessionDriver.Set("a", "1")], null, patience: 5);
        _history.Advance(6);
        _history.Open(0, _history.Live(2, "a=Bytes:1"));

        Assert.Null(_history.Refute());
    }

    [Fact]
    public void Session_destroyed_after_the_destroy_was_given_up_and_answered_since_is_refuted()
    {
        _history.Create();
        _history.GiveUpDestroy(0, patience: 5);
        _history.Advance(6);
        _history.Open(0, _history.Live(1, ""));
        Assert.Null(_history.Refute());

        _history.Open(0, SessionReply.Of(SessionOutcome.Gone));
        Assert.NotNull(_history.Refute());
    }

    // Defect of the checker: repeats without an answer took each other's places, in all orders, and a history of them all memory.
    [Fact]
    public void Repeats_without_an_answer_are_judged_in_little_memory()
    {
        _history.Create();
        for (var repeat = 0; repeat < 5; repeat++)
        {
            for (var operation = 1; operation <= 9; operation++)
            {
                _history.Commit(operation, [SessionDriver.Set("a", $"{operation}")], null);
            }
        }

        _history.Open(0, _history.Live(3, "a=Bytes:7"));
        Assert.Null(_history.Refute());

        _history.Open(0, _history.Live(2, "a=Bytes:7"));
        Assert.NotNull(_history.Refute());
    }

    [Fact]
    public void Session_that_is_volatile_may_be_lost_with_its_activation_and_not_otherwise()
    {
        var history = new HandMade(Terms with { Durability = SessionDurability.Volatile });
        history.Create();
        history.Open(0, SessionReply.Of(SessionOutcome.Gone));
        Assert.NotNull(history.Refute());

        history = new HandMade(Terms with { Durability = SessionDurability.Volatile });
        history.Create();
        history.Drop();
        history.Open(0, SessionReply.Of(SessionOutcome.Gone));
        Assert.Null(history.Refute());
    }

    [Fact]
    public void Session_that_is_stored_and_lost_with_its_activation_is_refuted()
    {
        _history.Create();
        _history.Drop();
        _history.Open(0, SessionReply.Of(SessionOutcome.Gone));

        Assert.NotNull(_history.Refute());
    }

    private static SessionValue Value(string text) => new(System.Text.Encoding.UTF8.GetBytes(text));
}
