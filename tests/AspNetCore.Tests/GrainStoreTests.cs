using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Storage;
using static ServerSession.Tests.GrainStoreFakes;

namespace ServerSession.Tests;

/// <summary>Calls to the cluster: what is repeated, as which operation, for how long, and what a failure looks like.</summary>
public sealed class GrainStoreTests
{
    private readonly TestClock _time = new() { JumpsWaits = true };
    private readonly FakeGrain _grain;
    private readonly FakeLocal _local = new();
    private readonly GrainSessionStore _store;
    private readonly GrainSessionStore _coHosted;

    public GrainStoreTests()
    {
        _grain = new FakeGrain { Time = _time };
        var calls = Calls(new ServerSessionOptions());
        _store = new GrainSessionStore(FakeFactory.Of(_grain), calls);
        _coHosted = new GrainSessionStore(FakeFactory.Of(_grain), calls, _local);
    }

    private ClusterCalls Calls(ServerSessionOptions options) => CallsOf(options, _time);

    internal static ClusterCalls CallsOf(ServerSessionOptions options, TimeProvider time)
    {
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        return new ClusterCalls(Options.Create(options), time, new ServerSessionMetrics(meters, time), NullLogger<ClusterCalls>.Instance);
    }

    private CommitSession Commit() => new()
    {
        Verifier = SessionVerifier.New().Hash(),
        Operation = OperationId.New(),
        IssuedAt = DateTimeOffset.UnixEpoch,
        NotAfter = _time.GetUtcNow() + TimeSpan.FromSeconds(6),
    };

    public static TheoryData<string> Transient => new("time-out", "unavailable", "silo", "gateway", "other's write", "unreadable", "no such type", "no such package");

    private static Exception FailureOf(string name) => name switch
    {
        "time-out" => new TimeoutException(),
        "unavailable" => new SessionUnavailableException(),
        "silo" => new SiloUnavailableException(),
        "other's write" => new InconsistentStateException(),
        "unreadable" => new UnavailableExceptionFallbackException(),
        "no such type" => new TypeLoadException(),
        "no such package" => new FileNotFoundException(),
        _ => new GatewayTooBusyException(),
    };

    [Theory]
    [MemberData(nameof(Transient))]
    public async Task Commit_after_a_transient_failure_is_repeated_as_the_same_operation(string failure)
    {
        _grain.Failures = new([FailureOf(failure), FailureOf(failure)]);
        var commit = Commit();

        var reply = await _store.CommitAsync(SessionId.New(), commit, CancellationToken.None);

        Assert.Equal(SessionOutcome.Committed, reply.Outcome);
        Assert.Equal(3, _grain.Requests.Count);
        Assert.All(_grain.Requests, request => Assert.Same(commit, request));
    }

    [Fact]
    public async Task Commit_that_is_made_locally_sends_nothing()
    {
        var commit = Commit();

        await _coHosted.CommitAsync(SessionId.New(), commit, CancellationToken.None);

        Assert.Equal([commit], _local.Commits);
        Assert.Empty(_grain.Requests);
    }

    [Theory]
    [MemberData(nameof(Transient))]
    public async Task Create_after_a_transient_failure_is_not_repeated(string failure)
    {
        _grain.Failures = new([FailureOf(failure)]);
        var create = new CreateSession { Verifier = SessionVerifier.New().Hash(), Terms = SessionTerms.Default, IssuedAt = _time.GetUtcNow() };

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await _store.CreateAsync(SessionId.New(), create, CancellationToken.None));

        Assert.Single(_grain.Requests);
    }

    [Fact]
    public async Task Open_that_always_fails_ends_within_the_budget()
    {
        _grain.Failures = new(Enumerable.Repeat<Exception>(new TimeoutException("silo"), 10_000));
        var began = _time.GetUtcNow();

        var exception = await Assert.ThrowsAsync<SessionUnavailableException>(
            async () => await _store.OpenAsync(SessionId.New(), SessionVerifier.New().Hash(), OpenMode.Touch, CancellationToken.None));

        Assert.IsType<TimeoutException>(exception.InnerException);
        Assert.InRange(_time.GetUtcNow() - began, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6));
        Assert.InRange(_grain.Requests.Count, 5, 100);
    }

    [Fact]
    public async Task Open_after_another_failure_of_Orleans_is_unavailable_at_once()
    {
        _grain.Failures = new([new OrleansException("codec")]);

        var exception = await Assert.ThrowsAsync<SessionUnavailableException>(
            async () => await _store.OpenAsync(SessionId.New(), SessionVerifier.New().Hash(), OpenMode.Touch, CancellationToken.None));

        Assert.IsType<OrleansException>(exception.InnerException);
        Assert.Single(_grain.Requests);
    }

    [Fact]
    public async Task Commit_that_is_late_is_for_the_caller_to_judge()
    {
        _grain.Outcome = SessionOutcome.Late;

        Assert.Equal(SessionOutcome.Late, (await _store.CommitAsync(SessionId.New(), Commit(), CancellationToken.None)).Outcome);
        Assert.Single(_grain.Requests);
    }

    [Theory]
    [InlineData(0, SessionOutcome.Gone)]
    [InlineData(1, SessionOutcome.Destroyed)]
    public async Task Destroy_of_a_session_that_is_gone_counts_as_destroyed_on_a_repeat_only(int failures, SessionOutcome expected)
    {
        _grain.Failures = new(Enumerable.Repeat<Exception>(new TimeoutException(), failures));
        _grain.Outcome = SessionOutcome.Gone;

        var reply = await _store.DestroyAsync(SessionId.New(), new DestroySession(), CancellationToken.None);

        Assert.Equal(expected, reply.Outcome);
    }

    /// <summary>Three attempts of two to three seconds once made nine of a budget of six.</summary>
    [Fact]
    public async Task Open_with_slow_attempts_ends_with_the_budget()
    {
        _grain.Failures = new(Enumerable.Repeat<Exception>(new TimeoutException(), 100));
        _grain.Takes = TimeSpan.FromSeconds(2.9);
        _grain.HangsFrom = 3;
        var began = _time.GetUtcNow();

        await Assert.ThrowsAsync<SessionUnavailableException>(
            async () => await _store.OpenAsync(SessionId.New(), SessionVerifier.New().Hash(), OpenMode.Touch, CancellationToken.None));

        Assert.Equal(TimeSpan.FromSeconds(6), _time.GetUtcNow() - began);
        Assert.Equal(3, _grain.Requests.Count);
    }

    [Fact]
    public async Task Commit_that_hangs_locally_ends_when_its_caller_gives_up()
    {
        _local.Hang = true;
        _local.LongestCommit = TimeSpan.FromSeconds(7);
        var store = new GrainSessionStore(FakeFactory.Of(_grain), Calls(new ServerSessionOptions()), _local);
        var began = _time.GetUtcNow();

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await store.CommitAsync(SessionId.New(), Commit(), CancellationToken.None));

        Assert.Equal(TimeSpan.FromSeconds(6), _time.GetUtcNow() - began);
    }

    [Fact]
    public async Task Create_that_is_slow_ends_when_its_caller_gives_up()
    {
        _grain.Hang = new TaskCompletionSource().Task;
        var now = _time.GetUtcNow();
        var create = new CreateSession
        {
            Verifier = SessionVerifier.New().Hash(), Terms = SessionTerms.Default, IssuedAt = now, NotAfter = now + TimeSpan.FromSeconds(1),
        };

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await _store.CreateAsync(SessionId.New(), create, CancellationToken.None));

        Assert.Equal(TimeSpan.FromSeconds(1), _time.GetUtcNow() - now);
    }

    [Fact]
    public async Task Operations_without_a_time_are_sent_with_the_end_of_the_budget()
    {
        var until = _time.GetUtcNow() + TimeSpan.FromSeconds(6);
        await _store.CommitAsync(SessionId.New(), Commit() with { NotAfter = null }, CancellationToken.None);
        await _store.DestroyAsync(SessionId.New(), new DestroySession(), CancellationToken.None);
        await _store.CreateAsync(
            SessionId.New(), new CreateSession { Verifier = SessionVerifier.New().Hash(), Terms = SessionTerms.Default, IssuedAt = _time.GetUtcNow() }, CancellationToken.None);

        Assert.Collection(
            _grain.Requests,
            commit => Assert.Equal(until, Assert.IsType<CommitSession>(commit).NotAfter),
            destroy => Assert.Equal(until, Assert.IsType<DestroySession>(destroy).NotAfter),
            create => Assert.Equal(until, Assert.IsType<CreateSession>(create).NotAfter));
    }

    /// <summary>A silo accepts the message until that time, wherever it lies: an answer before would be one that it can follow.</summary>
    [Theory]
    [InlineData("time-out")]
    [InlineData("silo")]
    public async Task Commit_whose_message_may_still_arrive_is_not_given_up_before_its_time(string failure)
    {
        _grain.Failures = new([FailureOf(failure), .. Enumerable.Repeat(new OrleansException("codec"), 100)]);
        var commit = Commit();

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await _store.CommitAsync(SessionId.New(), commit, CancellationToken.None));

        Assert.Equal(commit.NotAfter, _time.GetUtcNow());
    }

    [Fact]
    public async Task Commit_whose_time_is_over_is_not_sent()
    {
        await Assert.ThrowsAsync<SessionUnavailableException>(
            async () => await _store.CommitAsync(SessionId.New(), Commit() with { NotAfter = _time.GetUtcNow() }, CancellationToken.None));

        Assert.Empty(_grain.Requests);
    }

    [Fact]
    public async Task Commit_refused_by_its_grain_is_given_up_at_once()
    {
        _grain.Failures = new([new ArgumentException("Volatile sessions are not allowed on these silos.")]);
        var began = _time.GetUtcNow();

        await Assert.ThrowsAsync<ArgumentException>(async () => await _store.CommitAsync(SessionId.New(), Commit(), CancellationToken.None));

        Assert.Equal(began, _time.GetUtcNow());
    }

    [Fact]
    public async Task Budget_of_zero_repeats_nothing_and_waits_as_long_as_one_call()
    {
        var store = new GrainSessionStore(FakeFactory.Of(_grain), Calls(new ServerSessionOptions { RetryBudget = TimeSpan.Zero }));
        _grain.Failures = new([new TimeoutException()]);
        var began = _time.GetUtcNow();

        await Assert.ThrowsAsync<SessionUnavailableException>(
            async () => await store.CommitAsync(SessionId.New(), Commit() with { NotAfter = null }, CancellationToken.None));

        Assert.Single(_grain.Requests);
        Assert.Equal(TimeSpan.FromSeconds(2), _time.GetUtcNow() - began);
    }

    [Fact]
    public async Task Ring_after_a_transient_failure_is_asked_for_again_within_the_budget()
    {
        var ring = new TokenSigningKeyRing([new TokenSigningKey(new byte[32], DateTimeOffset.MinValue, DateTimeOffset.MaxValue)]);
        var grain = new FakeKeys { Answers = new([null, null, ring]) };

        Assert.Same(ring, await new GrainSigningKeys(FakeFactory.Of(grain), Calls(new ServerSessionOptions())).GetAsync());
    }

    /// <summary>Such a request was once answered 503 at once, for as long as the client took to connect.</summary>
    [Fact]
    public async Task Ring_asked_for_before_the_frontend_is_connected_is_read_once_it_is()
    {
        var ring = new TokenSigningKeyRing([new TokenSigningKey(new byte[32], DateTimeOffset.MinValue, DateTimeOffset.MaxValue)]);
        var grain = new FakeKeys { Answers = new([ring]) };

        Assert.Same(ring, await new GrainSigningKeys(FakeFactory.Of(grain, refusals: 3), Calls(new ServerSessionOptions())).GetAsync());
    }

    [Fact]
    public async Task Session_asked_for_before_the_frontend_is_connected_is_answered_once_it_is()
    {
        var calls = Calls(new ServerSessionOptions());

        await new GrainSessionStore(FakeFactory.Of(_grain, refusals: 3), calls).OpenAsync(SessionId.New(), SessionVerifier.New().Hash(), OpenMode.Touch, CancellationToken.None);
        await new GrainSessionStore(FakeFactory.Of(_grain, refusals: 3), calls).CommitAsync(SessionId.New(), Commit(), CancellationToken.None);
        await new GrainSessionStore(FakeFactory.Of(_grain, refusals: 3), calls).DestroyAsync(SessionId.New(), new DestroySession(), CancellationToken.None);

        Assert.Equal(3, _grain.Requests.Count);
    }

    [Fact]
    public async Task Ring_that_hangs_ends_with_the_budget()
    {
        var began = _time.GetUtcNow();

        await Assert.ThrowsAsync<SessionUnavailableException>(
            async () => await new GrainSigningKeys(FakeFactory.Of(new FakeKeys()), Calls(new ServerSessionOptions())).GetAsync());

        Assert.Equal(TimeSpan.FromSeconds(6), _time.GetUtcNow() - began);
    }

    [Fact]
    public async Task Open_that_is_cancelled_stops_waiting()
    {
        using var cancel = new CancellationTokenSource();
        _time.JumpsWaits = false;
        _grain.Hang = new TaskCompletionSource().Task;
        var open = _store.OpenAsync(SessionId.New(), SessionVerifier.New().Hash(), OpenMode.Touch, cancel.Token).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => open);
    }

    public class FakeFactory : DispatchProxy
    {
        private object? _grain;
        private int _refusals;

        /// <param name="grain">Every grain.</param>
        /// <param name="refusals">How often the factory refuses first, as that of a client that is not connected yet.</param>
        public static IGrainFactory Of(object grain, int refusals = 0)
        {
            var factory = Create<IGrainFactory, FakeFactory>();
            ((FakeFactory)(object)factory)._grain = grain;
            ((FakeFactory)(object)factory)._refusals = refusals;
            return factory;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            _refusals-- > 0 ? throw new SessionUnavailableException("This frontend is not connected to the session cluster yet.") : _grain;
    }
}
