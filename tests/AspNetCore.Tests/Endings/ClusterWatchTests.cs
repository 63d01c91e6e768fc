using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Storage;

namespace ServerSession.Tests.Endings;

/// <summary>When a frontend notices that a silo tells it nothing more, and what it asks for then.</summary>
public sealed class ClusterWatchTests
{
    private static readonly VerifierHash Verifier = SessionVerifier.New().Hash();
    private static readonly Guid Link = Guid.NewGuid();

    private readonly HookedClock _time = new();
    private readonly WatchedGrains _grains = new();
    private readonly ClusterWatch _watch;
    private readonly Listener _listener = new();

    public ClusterWatchTests()
    {
        _watch = new ClusterWatch(_grains.Factory, GrainStoreTests.CallsOf(new ServerSessionOptions(), _time), _time);
        _watch.Add(_listener);
        _grains.Watch = (_, _) => new(WatchedGrains.On(Link, _time.GetUtcNow().AddMinutes(20)));
    }

    private Task LeaveAsync(CancellationToken cancellationToken) => _watch.LeaveAsync(_grains.Factory, cancellationToken);

    private ValueTask<WatchReply> AskAsync() => _watch.AskAsync(SessionId.New(), Verifier);

    private ValueTask<WatchReply> OpenAsync() => _watch.OpenAsync(SessionId.New(), Verifier, OpenMode.Touch, stamp: 0, CancellationToken.None);

    /// <summary>Answers to calls once counted as heartbeats: where only the messages of a silo were lost, a busy frontend never noticed.</summary>
    [Fact]
    public async Task Link_without_messages_is_silent_though_the_silo_answers()
    {
        for (var second = 0; second < 6; second++)
        {
            await AskAsync();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([Link], _listener.Silent);
        for (var second = 0; second < 6; second++)
        {
            await AskAsync();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        // It is waited for again from the next answer on.
        Assert.Equal([Link, Link], _listener.Silent);
    }

    [Fact]
    public async Task Link_with_messages_is_not_silent_and_one_that_was_replaced_is()
    {
        var next = Guid.NewGuid();
        await AskAsync();
        _grains.Watch = (_, _) => new(WatchedGrains.On(next, _time.GetUtcNow().AddMinutes(20)));
        await AskAsync();

        for (var second = 0; second < 10; second++)
        {
            await _watch.NotifyAsync(next, []);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([Link], _listener.Silent);
        Assert.Equal(1, _watch.Links);
    }

    [Fact]
    public async Task Frontend_that_leaves_refuses_messages_and_waits_until_each_silo_has_closed_its_link()
    {
        var other = Guid.NewGuid();
        foreach (var link in new[] { Link, other })
        {
            _grains.Watch = (_, _) => new(WatchedGrains.On(link, _time.GetUtcNow().AddMinutes(20)));
            await AskAsync();
        }

        var leaving = LeaveAsync(CancellationToken.None);
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await _watch.NotifyAsync(Link, []));
        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await _watch.NotifyAsync(other, [new SessionNotice(SessionId.New(), SessionNoticeKind.Ended)]));
        await _watch.LeaveAsync(Link);
        Assert.Equal((1, 0), (_watch.Links, _grains.Deleted));
        Assert.False(leaving.IsCompleted);
        await _watch.LeaveAsync(other);

        await leaving.WithinLimit("all links are closed");
        Assert.Equal((0, 1), (_watch.Links, _grains.Deleted));
        Assert.Empty(_listener.Silent);
    }

    [Fact]
    public async Task Frontend_that_leaves_does_not_wait_for_a_silo_that_is_gone()
    {
        await AskAsync();

        await LeaveAsync(CancellationToken.None).WithinLimit("the wait is over");

        Assert.Equal(1, _grains.Deleted);
    }

    [Fact]
    public async Task Frontend_that_leaves_ends_its_wait_with_the_time_that_its_host_has_and_leaves_once()
    {
        await AskAsync();
        using var time = new CancellationTokenSource();
        var leaving = LeaveAsync(time.Token);
        await time.CancelAsync();

        await leaving.WithinLimit("the wait is over");
        await LeaveAsync(time.Token);

        Assert.Equal(1, _grains.Deleted);
    }

    [Fact]
    public async Task Frontend_that_watched_nothing_leaves_at_once_and_has_nothing_watched_afterwards()
    {
        await LeaveAsync(CancellationToken.None).WithinLimit("there is no link");
        WatchSession? asked = null;
        _grains.Watch = (_, request) =>
        {
            asked = request;
            return new(WatchedGrains.On(Guid.Empty, _time.GetUtcNow().AddMinutes(20)));
        };
        await AskAsync();

        Assert.Null(asked!.Frontend);
        Assert.Equal((0, 0), (_watch.Links, _grains.Deleted));
    }

    /// <summary>A link that was named while the last one was found silent once had no timer: nobody noticed when it fell silent, for good.</summary>
    [Fact]
    public async Task Link_that_is_named_while_it_is_found_silent_is_looked_at_again()
    {
        await AskAsync();
        _grains.Watch = (_, _) =>
        {
            // The process stood still: the check runs between the answer and its taking note.
            _time.OnNextLooks(() => _time.Advance(HeardLinks.LongestSilence * 2));
            return new(WatchedGrains.On(Link, _time.GetUtcNow().AddMinutes(20)));
        };

        await AskAsync();
        Assert.Equal([Link], _listener.Silent);
        _time.Advance(HeardLinks.LongestSilence * 2);

        Assert.Equal([Link, Link], _listener.Silent);
    }

    [Fact]
    public async Task Silo_that_leaves_is_silent_at_once_and_once()
    {
        await AskAsync();

        await _watch.LeaveAsync(Link);
        await _watch.LeaveAsync(Link);
        _time.Advance(HeardLinks.LongestSilence * 2);

        Assert.Equal([Link], _listener.Silent);
    }

    public static TheoryData<string> Transient => new("time-out", "unavailable", "silo", "gateway", "limit", "other's write", "not connected", "connection lost");

    private static Exception FailureOf(string name) => name switch
    {
        "time-out" => new TimeoutException(),
        "unavailable" => new SessionUnavailableException(),
        "silo" => new SiloUnavailableException(),
        "gateway" => new GatewayTooBusyException(),
        "limit" => new LimitExceededException("too many"),
        "other's write" => new InconsistentStateException(),
        "not connected" => new ConnectionFailedException(),
        _ => new ConnectionAbortedException(),
    };

    /// <summary>It was once asked twice, for twelve seconds in all, and a lost connection counted as a silo of the version before.</summary>
    [Theory]
    [MemberData(nameof(Transient))]
    public async Task Ask_for_a_session_that_cannot_be_reached_does_not_open_it_and_ends_after_the_time_of_one_call(string failure)
    {
        var time = new TestClock { JumpsWaits = true };
        var watch = new ClusterWatch(_grains.Factory, GrainStoreTests.CallsOf(new ServerSessionOptions(), time), time);
        _grains.Watch = (_, _) => throw FailureOf(failure);
        var began = time.GetUtcNow();

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await watch.AskAsync(SessionId.New(), Verifier));

        Assert.Equal(0, _grains.CountOf("open"));
        Assert.InRange(time.GetUtcNow() - began, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Theory]
    [MemberData(nameof(Transient))]
    public async Task Open_that_fails_on_the_way_watches_the_session_the_next_time(string failure)
    {
        var time = new TestClock { JumpsWaits = true };
        var watch = new ClusterWatch(_grains.Factory, GrainStoreTests.CallsOf(new ServerSessionOptions { RetryBudget = TimeSpan.Zero }, time), time);
        _grains.Watch = (_, _) => throw FailureOf(failure);

        await Assert.ThrowsAsync<SessionUnavailableException>(
            async () => await watch.OpenAsync(SessionId.New(), Verifier, OpenMode.Touch, stamp: 0, CancellationToken.None));
        _grains.Watch = (_, _) => new(WatchedGrains.On(Link, time.GetUtcNow().AddMinutes(20)));
        await watch.OpenAsync(SessionId.New(), Verifier, OpenMode.Touch, stamp: 0, CancellationToken.None);

        Assert.Equal(0, _grains.CountOf("open"));
    }

    public static TheoryData<string> Unknown => new("not supported", "unreadable", "no such type");

    /// <summary>An answer that could not be read was once repeated for the whole budget of a request before the session was opened.</summary>
    [Theory]
    [MemberData(nameof(Unknown))]
    public async Task Silo_that_does_not_know_the_call_is_asked_once_and_opens_the_session_in_the_same_moment(string failure)
    {
        _grains.Watch = (_, _) => throw (failure switch
        {
            "not supported" => new NotSupportedException(),
            "unreadable" => new SerializerException("WatchSession"),
            _ => (Exception)new TypeLoadException(),
        });

        Assert.Equal(SessionOutcome.Opened, (await OpenAsync()).Session.Outcome);
        Assert.Equal((1, 1), (_grains.CountOf("watch"), _grains.CountOf("open")));
        await OpenAsync();
        Assert.Equal((1, 2), (_grains.CountOf("watch"), _grains.CountOf("open")));
        _time.Advance(TimeSpan.FromMinutes(1));
        await OpenAsync();
        Assert.Equal((2, 3), (_grains.CountOf("watch"), _grains.CountOf("open")));
        Assert.Equal(SessionOutcome.Opened, (await AskAsync()).Session.Outcome);
    }

    private sealed class Listener : ISessionNoticeListener
    {
        public List<Guid> Silent { get; } = [];

        public bool OnNotice(in SessionNotice notice) => true;

        public void OnSilent(Guid link) => Silent.Add(link);
    }

    /// <summary>As Orleans' own is called, which is not public.</summary>
    private sealed class ConnectionFailedException : Exception;

    /// <inheritdoc cref="ConnectionFailedException"/>
    private sealed class ConnectionAbortedException : Exception;
}
