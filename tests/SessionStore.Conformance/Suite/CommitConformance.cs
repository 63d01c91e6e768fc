namespace ServerSession.Tests.Stores;

/// <summary>Commits: all of one or nothing, merged by key, applied once.</summary>
public abstract class CommitConformance : OpenConformance
{
    [Fact]
    public async Task Commit_that_was_answered_is_seen_by_the_next_open()
    {
        var session = await CreateAsync(SessionChange.Set("a", Bytes("1")));

        for (var value = 2; value < 12; value++)
        {
            Assert.Equal(SessionOutcome.Committed, (await session.CommitAsync(SessionChange.Set("a", Bytes($"{value}")))).Outcome);
            await session.AssertHasAsync(("a", $"{value}"));
        }
    }

    [Fact]
    public async Task Commit_applies_its_changes_in_their_order()
    {
        var session = await CreateAsync(SessionChange.Set("old", Bytes("1")));

        await session.CommitAsync(
            SessionChange.Set("a", Bytes("1")), SessionChange.Clear(), SessionChange.Set("b", Bytes("2")), SessionChange.Set("b", Bytes("3")), SessionChange.Set("B", Bytes("4")));

        await session.AssertHasAsync(("b", "3"), ("B", "4"));
    }

    [Fact]
    public async Task Commit_keeps_bytes_exactly_and_empty_ones_apart_from_absent_ones()
    {
        var session = await CreateAsync();
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(static value => (byte)value)];

        await session.CommitAsync(SessionChange.Set("all", bytes), SessionChange.Set("none", Array.Empty<byte>()));

        var data = (await session.OpenAsync()).Snapshot!.Data;
        Assert.True(data.TryGetValue("all", out var all));
        Assert.Equal(bytes, all.Bytes.ToArray());
        Assert.True(data.TryGetValue("none", out var none));
        Assert.True(none.Bytes.IsEmpty);
        Assert.False(data.ContainsKey("absent"));
    }

    [Fact]
    public async Task Commits_that_change_different_keys_at_once_are_all_kept()
    {
        var session = await CreateAsync();

        await Task.WhenAll(Enumerable.Range(0, 16).Select(index => Task.Run(() => session.CommitAsync(SessionChange.Set($"key{index:00}", Bytes("x"))))));

        await session.AssertHasAsync([.. Enumerable.Range(0, 16).Select(static index => ($"key{index:00}", "x"))]);
    }

    [Fact]
    public async Task Increments_at_once_are_all_counted_and_each_has_a_number_of_its_own()
    {
        var session = await CreateAsync();

        var replies = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => session.CommitAsync(SessionChange.Increment("n")))));

        Assert.Equal(Enumerable.Range(1, 16).Select(static number => (long)number), replies.Select(static reply => reply.Results![^1].Number).Order());
        await session.AssertHasAsync(("n", "16"));
    }

    [Fact]
    public async Task Takes_at_once_have_one_winner()
    {
        var session = await CreateAsync(SessionChange.Set("ticket", Bytes("1")));

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => session.CommitAsync(SessionChange.Take("ticket")))));

        Assert.Single(replies, static reply => reply.Results![^1].Value is not null);
        await session.AssertHasAsync();
    }

    [Fact]
    public async Task Commit_tells_the_result_of_each_change_in_their_order()
    {
        var session = await CreateAsync(SessionChange.Set("a", Bytes("1")));

        var reply = await session.CommitAsync(
            SessionChange.CompareAndSet("a", Bytes("1"), Bytes("2")),
            SessionChange.CompareAndSet("a", Bytes("1"), Bytes("3")),
            SessionChange.Increment("a", 40),
            SessionChange.GetOrSet("a", Bytes("9")));

        Assert.Equal([true, false, true, false], reply.Results!.Select(static result => result.Applied));
        Assert.Equal(42, reply.Results![2].Number);
        Assert.Equal("42", System.Text.Encoding.UTF8.GetString(reply.Results[3].Value!.Value.Bytes.Span));
    }

    [Fact]
    public async Task Commit_repeated_under_its_operation_id_is_applied_once_and_answered_alike()
    {
        var session = await CreateAsync();
        var request = session.CommitRequest(SessionChange.Increment("n"));

        var first = await session.CommitAsync(request);
        await session.CommitAsync(SessionChange.Increment("n", 10));
        var again = await session.CommitAsync(request with { NotAfter = Time.GetUtcNow() + TimeSpan.FromSeconds(5) });

        Assert.Equal((first.Outcome, first.Results![0].Number), (again.Outcome, again.Results![0].Number));
        await session.AssertHasAsync(("n", "11"));
    }

    [Fact]
    public async Task Commit_with_another_verifier_is_stale_and_changes_nothing()
    {
        var session = await CreateAsync(SessionChange.Set("a", Bytes("1")));

        var reply = await session.CommitAsync(session.CommitRequest(SessionChange.Set("a", Bytes("2"))) with { Verifier = SessionVerifier.New().Hash() });

        Assert.Equal((SessionOutcome.Stale, null), (reply.Outcome, reply.Snapshot));
        await session.AssertHasAsync(("a", "1"));
    }

    [Fact]
    public async Task Commit_over_a_limit_is_too_large_and_changes_nothing_of_it()
    {
        var session = await CreateAsync(SessionChange.Set("a", Bytes("1")));

        var reply = await session.CommitAsync(SessionChange.Set("a", Bytes("2")), SessionChange.Set("b", new byte[Limits.ValueBytes + 1]));

        Assert.Equal((SessionOutcome.TooLarge, SessionLimit.ValueBytes), (reply.Outcome, reply.Refusal?.Limit));
        await session.AssertHasAsync(("a", "1"));
    }

    [Fact]
    public async Task Commit_with_one_change_that_meets_another_value_is_a_mismatch_and_changes_nothing_of_it()
    {
        var session = await CreateAsync(SessionChange.Set("a", Bytes("text")));

        var reply = await session.CommitAsync(SessionChange.Set("b", Bytes("2")), SessionChange.Increment("a"));

        Assert.Equal(SessionOutcome.Mismatch, reply.Outcome);
        await session.AssertHasAsync(("a", "text"));
    }

    [Fact]
    public async Task Commit_whose_caller_has_given_up_is_late_and_changes_nothing()
    {
        var session = await CreateAsync(SessionChange.Set("a", Bytes("1")));

        await StoredSession.AssertLateAsync(session.CommitAsync(session.CommitRequest(SessionChange.Set("a", Bytes("2"))) with { NotAfter = Time.GetUtcNow() - TimeSpan.FromSeconds(1) }));

        await session.AssertHasAsync(("a", "1"));
    }

    [Fact]
    public async Task Commit_issued_before_the_operation_window_is_late_and_changes_nothing()
    {
        var session = await CreateAsync(SessionChange.Set("a", Bytes("1")));

        var reply = await session.CommitAsync(
            session.CommitRequest(SessionChange.Set("a", Bytes("2"))) with { IssuedAt = Time.GetUtcNow() - OperationWindow - TimeSpan.FromSeconds(1) });

        Assert.Equal(SessionOutcome.Late, reply.Outcome);
        await session.AssertHasAsync(("a", "1"));
    }

    [Fact]
    public async Task Commit_that_wants_a_snapshot_gets_the_session_as_committed()
    {
        var session = await CreateAsync(SessionChange.Set("a", Bytes("1")));

        var reply = await session.CommitAsync(session.CommitRequest(SessionChange.Set("b", Bytes("2"))) with { WantSnapshot = true });

        StoredSession.AssertHas(reply.Snapshot!, ("a", "1"), ("b", "2"));
    }

    [Fact]
    public async Task Commit_that_is_no_access_does_not_extend_the_session()
    {
        var session = await CreateAsync();
        var deadline = (await session.OpenAsync()).ExpiresAt;
        await AdvanceAsync(TimeSpan.FromMinutes(5));

        await session.CommitAsync(session.CommitRequest(SessionChange.Set("a", Bytes("1"))) with { Touch = false });
        Assert.Equal(deadline, (await session.OpenAsync(OpenMode.Peek)).ExpiresAt);

        await session.CommitAsync(SessionChange.Set("a", Bytes("2")));
        Assert.Equal(deadline + TimeSpan.FromMinutes(5), (await session.OpenAsync(OpenMode.Peek)).ExpiresAt);
    }

    [Fact]
    public async Task Commit_of_other_terms_moves_the_deadline()
    {
        var session = await CreateAsync();

        var reply = await session.CommitAsync(session.CommitRequest() with { NewTerms = new SessionTerms { IdleTimeout = TimeSpan.FromMinutes(2) } });

        Assert.Equal(Time.GetUtcNow() + TimeSpan.FromMinutes(2), reply.ExpiresAt);
        await AdvanceAsync(TimeSpan.FromMinutes(2));
        await session.AssertGoneAsync();
    }
}
