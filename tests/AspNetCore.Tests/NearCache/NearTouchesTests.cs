namespace ServerSession.Tests.NearCache;

/// <summary>How sessions hear of the accesses that a frontend served without asking them.</summary>
public sealed class NearTouchesTests : IDisposable
{
    private readonly TestClock _time = new();
    private readonly WatchedGrains _grains = new();
    private readonly NearTouches _touches;

    public NearTouchesTests() => _touches = new NearTouches(_grains.Factory, GrainStoreTests.CallsOf(new ServerSessionOptions(), _time), _time);

    public void Dispose() => _touches.Dispose();

    private NearEntry Access(NearEntry? entry = null)
    {
        entry ??= new NearEntry(SessionId.New());
        var snapshot = new SessionSnapshot(1, _time.GetUtcNow(), SessionTerms.Default, SessionData.Empty);
        var state = new NearState(SessionVerifier.New().Hash(), snapshot, Stamp: 1, ConfirmedAt: 0, _time.GetUtcNow().AddMinutes(20), IsBound: false);
        entry.Access(state, _time.GetUtcNow());
        _touches.Add(entry);
        return entry;
    }

    private static ValueTask<SessionReply> Answer(SessionOutcome outcome) => new(SessionReply.Of(outcome));

    /// <summary>One session that could not be reached once kept the accesses of all others waiting for six seconds.</summary>
    [Fact]
    public void Access_of_a_session_that_cannot_be_reached_delays_those_of_no_other()
    {
        var dead = new NearEntry(SessionId.New());
        _grains.Commit = (id, _) => id == dead.Id ? new(new TaskCompletionSource<SessionReply>().Task) : Answer(SessionOutcome.Committed);
        Access(dead);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _grains.CountOf("commit"));

        var other = Access();
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Contains(("commit", other.Id), _grains.Calls);
        Assert.Null(other.UntoldAccess);
        Assert.NotNull(dead.UntoldAccess);
    }

    [Fact]
    public async Task Access_that_could_not_be_told_is_told_again_with_its_time()
    {
        var told = new TaskCompletionSource<CommitSession>();
        _grains.Commit = (_, request) =>
        {
            if (_grains.CountOf("commit") == 1)
            {
                throw new NotSupportedException("The storage fails.");
            }

            told.SetResult(request);
            return Answer(SessionOutcome.Committed);
        };
        var entry = Access();
        var accessed = _time.GetUtcNow();

        for (var second = 0; second < 2; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(accessed, (await told.Task.WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken)).AccessedAt);
        Assert.Null(entry.UntoldAccess);
    }

    /// <summary>Whatever the session answered once counted as heard.</summary>
    [Fact]
    public void Access_that_the_session_did_not_count_is_told_again()
    {
        _grains.Commit = (_, _) => Answer(_grains.CountOf("commit") == 1 ? SessionOutcome.Late : SessionOutcome.Committed);
        var entry = Access();

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(entry.UntoldAccess);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2, _grains.CountOf("commit"));
        Assert.Null(entry.UntoldAccess);
    }

    [Theory]
    [InlineData(SessionOutcome.Committed)]
    [InlineData(SessionOutcome.Gone)]
    [InlineData(SessionOutcome.Stale)]
    public void Access_that_the_session_has_heard_of_or_never_can_is_told_once(SessionOutcome outcome)
    {
        _grains.Commit = (_, _) => Answer(outcome);
        var entry = Access();

        for (var second = 0; second < 5; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, _grains.CountOf("commit"));
        Assert.Null(entry.UntoldAccess);
        Access(entry);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, _grains.CountOf("commit"));
    }

    [Fact]
    public void Accesses_of_very_many_sessions_are_told_in_one_round()
    {
        _grains.Commit = static (_, _) => Answer(SessionOutcome.Committed);
        for (var session = 0; session < 2_000; session++)
        {
            Access();
        }

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2_000, _grains.CountOf("commit"));
    }
}
