namespace ServerSession.Tests.Stores;

/// <summary>Creates: a session begins once, whole, and only while its caller waits.</summary>
public abstract class CreateConformance : SessionStoreConformance
{
    [Fact]
    public async Task Create_under_a_fresh_id_has_its_first_changes()
    {
        var session = NewSession();

        var reply = await session.CreateAsync(SessionChange.Set("a", Bytes("1")), SessionChange.Set("b", Bytes("2")), SessionChange.Remove("a"));

        Assert.Equal(SessionOutcome.Created, reply.Outcome);
        Assert.Equal(Time.GetUtcNow() + TimeSpan.FromMinutes(20), reply.ExpiresAt);
        await session.AssertHasAsync(("b", "2"));
    }

    [Fact]
    public async Task Create_under_a_used_id_is_gone_and_changes_nothing()
    {
        var session = await CreateAsync(SessionChange.Set("a", Bytes("1")));
        var second = NewSession();

        var reply = await session.CreateAsync(second.CreateRequest(SessionChange.Set("a", Bytes("2"))));

        Assert.Equal(SessionOutcome.Gone, reply.Outcome);
        await session.AssertHasAsync(("a", "1"));
    }

    [Fact]
    public async Task Creates_under_one_id_at_once_have_one_winner()
    {
        var session = NewSession();
        var requests = Enumerable.Range(0, 8).Select(index => NewSession().CreateRequest(SessionChange.Set("by", Bytes($"{index}")))).ToArray();

        var replies = await Task.WhenAll(requests.Select(request => Task.Run(() => session.CreateAsync(request))));

        var winner = Array.FindIndex(replies, static reply => reply.Outcome == SessionOutcome.Created);
        Assert.Single(replies, static reply => reply.Outcome == SessionOutcome.Created);
        Assert.Equal(7, replies.Count(static reply => reply.Outcome == SessionOutcome.Gone));
        session.Verifier = requests[winner].Verifier;
        await session.AssertHasAsync(("by", $"{winner}"));
    }

    [Fact]
    public async Task Create_whose_caller_has_given_up_is_late_and_creates_nothing()
    {
        var session = NewSession();

        await StoredSession.AssertLateAsync(session.CreateAsync(session.CreateRequest() with { NotAfter = Time.GetUtcNow() - TimeSpan.FromSeconds(1) }));

        await session.AssertGoneAsync();
    }

    [Fact]
    public async Task Create_issued_before_the_operation_window_is_late_and_creates_nothing()
    {
        var session = NewSession();

        var reply = await session.CreateAsync(session.CreateRequest() with { IssuedAt = Time.GetUtcNow() - OperationWindow - TimeSpan.FromSeconds(1) });

        Assert.Equal(SessionOutcome.Late, reply.Outcome);
        await session.AssertGoneAsync();
    }

    [Fact]
    public async Task Create_over_a_limit_is_too_large_and_creates_nothing()
    {
        var session = NewSession();

        var reply = await session.CreateAsync(SessionChange.Set("a", new byte[Limits.ValueBytes + 1]));

        Assert.Equal((SessionOutcome.TooLarge, SessionLimit.ValueBytes), (reply.Outcome, reply.Refusal?.Limit));
        await session.AssertGoneAsync();
    }

    [Fact]
    public async Task Create_with_a_change_that_meets_another_value_is_a_mismatch_and_creates_nothing()
    {
        var session = NewSession();

        var reply = await session.CreateAsync(SessionChange.Set("a", Bytes("text")), SessionChange.Increment("a"));

        Assert.Equal(SessionOutcome.Mismatch, reply.Outcome);
        await session.AssertGoneAsync();
    }

    [Fact]
    public async Task Create_that_counts_answers_with_the_results()
    {
        var reply = await NewSession().CreateAsync(SessionChange.Increment("n", 5), SessionChange.GetOrSet("m", Bytes("x")));

        Assert.Equal([5, 0], reply.Results!.Select(static result => result.Number));
        Assert.Equal([true, true], reply.Results!.Select(static result => result.Applied));
    }
}
