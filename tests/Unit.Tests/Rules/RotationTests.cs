using ServerSession.Tests.Support;

namespace ServerSession.Tests.Rules;

public sealed class RotationTests
{
    private static readonly VerifierHash First = Sample.Verifier.Hash();
    private static readonly VerifierHash Second = Sample.OtherVerifier.Hash();
    private static readonly VerifierHash Third = Sample.ThirdVerifier.Hash();

    private readonly Session _session = new(Sample.Set("quote", "q"));

    [Fact]
    public void Rotate_replaces_the_verifier_and_keeps_everything_else()
    {
        Assert.Equal(SessionOutcome.Committed, _session.Commit(Rotation(Second)).Outcome);

        Assert.Equal(SessionOutcome.Opened, _session.Open(Second).Outcome);
        Assert.Equal(SessionOutcome.Stale, _session.Open(First).Outcome);
        Assert.Null(_session.Open(First).Snapshot);
        Assert.Equal("q", Sample.Text(_session.Data, "quote"));
        Assert.Equal(Sample.Now, _session.State.RotatedAt);
    }

    [Fact]
    public void Commit_with_the_rotated_token_is_stale_and_changes_nothing()
    {
        var inFlight = _session.Request(Sample.Set("quote", "late")) with { WantSnapshot = true };
        _session.Commit(Rotation(Second));

        var decision = _session.Decide(inFlight);
        Assert.Equal(SessionOutcome.Stale, decision.Reply.Outcome);
        Assert.Null(decision.Next);
        Assert.Null(decision.Reply.Snapshot);
    }

    [Fact]
    public void Commit_repeated_after_the_rotation_is_answered_with_the_old_verifier()
    {
        var request = _session.Request(SessionChange.Increment("n"));
        _session.Commit(request);
        _session.Commit(Rotation(Second));

        var repeat = _session.Decide(request);
        Assert.Equal(SessionOutcome.Committed, repeat.Reply.Outcome);
        Assert.Equal(1, repeat.Reply.Results![0].Number);
        Assert.Null(repeat.Next);
    }

    [Fact]
    public void Rotate_repeated_to_the_same_verifier_succeeds_also_as_another_operation_and_after_the_window()
    {
        var rotation = Rotation(Second);
        _session.Commit(rotation);
        var version = _session.State.Snapshot.Version;
        _session.Now += Sample.Window * 3;

        foreach (var repeat in new[] { rotation, Rotation(Second) })
        {
            var decision = _session.Decide(repeat);
            Assert.Equal(SessionOutcome.Committed, decision.Reply.Outcome);
            Assert.Null(decision.Next);
        }

        Assert.Equal(version, _session.State.Snapshot.Version);
    }

    [Fact]
    public void Rotate_with_the_rotated_token_to_another_verifier_or_with_changes_is_stale()
    {
        _session.Commit(Rotation(Second));

        Assert.Equal(SessionOutcome.Stale, _session.Commit(Rotation(Third)).Outcome);
        Assert.Equal(SessionOutcome.Stale, _session.Commit(Rotation(Second) with { Changes = [Sample.Set("k", "v")] }).Outcome);
        Assert.Equal(SessionOutcome.Stale, _session.Commit(Rotation(Second) with { NewTerms = SessionTerms.Default }).Outcome);
        Assert.Equal(Second, _session.State.Verifier);
    }

    [Fact]
    public void Rotate_delayed_after_another_rotate_does_not_bring_its_verifier_back()
    {
        var delayed = Rotation(Second);
        _session.Commit(delayed);
        _session.Verifier = Second;
        _session.Commit(Rotation(Third));

        Assert.Equal(SessionOutcome.Stale, _session.Commit(delayed).Outcome);
        Assert.Equal(SessionOutcome.Stale, _session.Open(First).Outcome);
        Assert.Equal(SessionOutcome.Stale, _session.Open(Second).Outcome);
        Assert.Equal(SessionOutcome.Opened, _session.Open(Third).Outcome);
    }

    /// <summary>It once forgot the verifier that was really replaced, so that a repeat of the real rotation was stale.</summary>
    [Fact]
    public void Rotate_to_the_verifier_in_force_is_no_rotation()
    {
        var rotation = Rotation(Second);
        _session.Commit(rotation);
        _session.Verifier = Second;

        var decision = _session.Decide(Rotation(Second));
        Assert.Equal(SessionOutcome.Committed, decision.Reply.Outcome);
        Assert.Null(decision.Next);

        _session.Commit(Rotation(Second) with { Changes = [Sample.Set("k", "v")] });
        Assert.Equal("v", Sample.Text(_session.Data, "k"));
        Assert.Equal(First, _session.State.Previous);
        Assert.Equal(SessionOutcome.Committed, _session.Commit(rotation).Outcome);
    }

    [Fact]
    public void Commit_with_a_default_verifier_to_a_session_that_was_never_rotated_is_stale()
    {
        Assert.True(_session.State.Previous.IsDefault);

        Assert.Equal(SessionOutcome.Stale, _session.Commit(_session.Request(Sample.Set("k", "v")) with { Verifier = default }).Outcome);
        Assert.Equal(SessionOutcome.Stale, _session.Commit(Rotation(_session.Verifier) with { Verifier = default, Changes = [] }).Outcome);
    }

    /// <summary>It once locked everybody out, and the stored session could not be read back.</summary>
    [Fact]
    public void Rotate_to_a_default_verifier_is_refused()
    {
        Assert.Throws<ArgumentException>(() => _session.Decide(Rotation(default)));
    }

    [Fact]
    public void Commit_with_a_default_verifier_is_stale()
    {
        _session.Verifier = default;

        Assert.Equal(SessionOutcome.Stale, _session.Commit(Sample.Set("k", "v")).Outcome);
        Assert.Equal(SessionOutcome.Stale, _session.Open(default).Outcome);
    }

    private CommitSession Rotation(VerifierHash verifier) => _session.Request() with { NewVerifier = verifier };
}
