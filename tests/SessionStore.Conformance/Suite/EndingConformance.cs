namespace ServerSession.Tests.Stores;

/// <summary>Rotations and endings: what is over stays over. The last part of the suite; derive from <see cref="SessionStoreSuite"/>.</summary>
public abstract class EndingConformance : CommitConformance
{
    [Fact]
    public async Task Rotation_makes_the_old_token_stale_and_the_new_one_open_the_same_data()
    {
        var session = await CreateAsync(SessionChange.Set("a", Bytes("1")));
        var (old, next) = (session.Verifier, SessionVerifier.New().Hash());

        var reply = await session.CommitAsync(session.CommitRequest(SessionChange.Set("b", Bytes("2"))) with { NewVerifier = next });

        Assert.Equal(SessionOutcome.Committed, reply.Outcome);
        Assert.Equal(SessionOutcome.Stale, (await session.OpenAsync()).Outcome);
        Assert.Equal(SessionOutcome.Stale, (await session.CommitAsync(SessionChange.Set("a", Bytes("3")))).Outcome);
        Assert.Equal(SessionOutcome.Stale, (await session.DestroyAsync()).Outcome);
        session.Verifier = next;
        Assert.NotEqual(old, next);
        await session.AssertHasAsync(("a", "1"), ("b", "2"));
    }

    [Fact]
    public async Task Rotations_at_once_have_one_winner()
    {
        var session = await CreateAsync();
        var next = Enumerable.Range(0, 8).Select(static _ => SessionVerifier.New().Hash()).ToArray();

        var replies = await Task.WhenAll(next.Select(verifier => Task.Run(() => session.CommitAsync(session.CommitRequest() with { NewVerifier = verifier }))));

        Assert.Single(replies, static reply => reply.Outcome == SessionOutcome.Committed);
        Assert.Equal(7, replies.Count(static reply => reply.Outcome == SessionOutcome.Stale));
        session.Verifier = next[Array.FindIndex(replies, static reply => reply.Outcome == SessionOutcome.Committed)];
        await session.AssertHasAsync();
    }

    [Fact]
    public async Task Rotation_repeated_under_its_operation_id_is_answered_and_not_made_again()
    {
        var session = await CreateAsync();
        var request = session.CommitRequest(SessionChange.Increment("n")) with { NewVerifier = SessionVerifier.New().Hash() };

        await session.CommitAsync(request);
        var again = await session.CommitAsync(request);

        Assert.Equal(SessionOutcome.Committed, again.Outcome);
        session.Verifier = request.NewVerifier!.Value;
        await session.AssertHasAsync(("n", "1"));
    }

    [Fact]
    public async Task Token_that_was_replaced_counts_as_just_replaced_until_the_grace_is_over()
    {
        var session = await CreateAsync();
        await session.CommitAsync(session.CommitRequest() with { NewVerifier = SessionVerifier.New().Hash() });

        Assert.False((await session.OpenAsync()).GraceIsOver);
        await AdvanceAsync(RotationGrace + TimeSpan.FromSeconds(1));

        var reply = await session.OpenAsync();
        Assert.Equal((SessionOutcome.Stale, true), (reply.Outcome, reply.GraceIsOver));
    }

    [Fact]
    public async Task Destroy_ends_the_session_for_every_later_operation()
    {
        var session = await CreateAsync(SessionChange.Set("a", Bytes("1")));

        Assert.Equal(SessionOutcome.Destroyed, (await session.DestroyAsync()).Outcome);

        await session.AssertGoneAsync();
        Assert.Equal(SessionOutcome.Gone, (await session.CommitAsync(SessionChange.Set("a", Bytes("2")))).Outcome);
        await session.AssertGoneAsync();
    }

    [Fact]
    public async Task Destroy_with_another_verifier_is_stale_and_ends_nothing()
    {
        var session = await CreateAsync(SessionChange.Set("a", Bytes("1")));

        Assert.Equal(SessionOutcome.Stale, (await session.DestroyAsync(new DestroySession { Verifier = SessionVerifier.New().Hash() })).Outcome);

        await session.AssertHasAsync(("a", "1"));
    }

    [Fact]
    public async Task Destroy_by_an_administrator_needs_no_verifier()
    {
        var session = await CreateAsync();

        Assert.Equal(SessionOutcome.Destroyed, (await session.DestroyAsync(new DestroySession())).Outcome);

        await session.AssertGoneAsync();
    }

    [Fact]
    public async Task Destroy_whose_caller_has_given_up_is_late_and_ends_nothing()
    {
        var session = await CreateAsync();

        await StoredSession.AssertLateAsync(session.DestroyAsync(new DestroySession { Verifier = session.Verifier, NotAfter = Time.GetUtcNow() - TimeSpan.FromSeconds(1) }));

        await session.AssertHasAsync();
    }

    [Fact]
    public async Task Destroy_of_an_unknown_id_is_gone() => Assert.Equal(SessionOutcome.Gone, (await NewSession().DestroyAsync(new DestroySession())).Outcome);

    [Fact]
    public async Task Destroy_among_commits_at_once_is_final()
    {
        for (var round = 0; round < 20; round++)
        {
            var session = await CreateAsync();
            using var start = new ManualResetEventSlim();
            var commits = Enumerable.Range(0, 4).Select(index => Task.Run(() =>
            {
                start.Wait();
                return session.CommitAsync(SessionChange.Set($"key{index}", Bytes("x")));
            })).ToArray();
            start.Set();

            Assert.Equal(SessionOutcome.Destroyed, (await session.DestroyAsync()).Outcome);
            await session.AssertGoneAsync();
            var replies = await Task.WhenAll(commits);

            Assert.All(replies, static reply => Assert.True(reply.Outcome is SessionOutcome.Committed or SessionOutcome.Gone, $"{reply.Outcome}"));
            await session.AssertGoneAsync();
        }
    }

    [Fact]
    public async Task Commit_after_the_deadline_is_gone_and_brings_nothing_back()
    {
        var session = await CreateAsync(SessionChange.Set("a", Bytes("1")));
        await AdvanceAsync(TimeSpan.FromMinutes(20));

        Assert.Equal(SessionOutcome.Gone, (await session.CommitAsync(SessionChange.Set("a", Bytes("2")))).Outcome);

        await session.AssertGoneAsync();
    }
}

/// <summary>The whole suite: derive from this class.</summary>
public abstract class SessionStoreSuite : EndingConformance;
