using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using ServerSession.Local;

namespace ServerSession.Tests;

/// <summary>Calls to the cluster: what is repeated, as which operation, for how long, and what a failure looks like.</summary>
public sealed class GrainStoreTests
{
    private readonly TestClock _time = new() { JumpsWaits = true };
    private readonly FakeGrain _grain = new();
    private readonly FakeLocal _local = new();
    private readonly GrainSessionStore _store;
    private readonly GrainSessionStore _besideSilo;

    public GrainStoreTests()
    {
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        var metrics = new ServerSessionMetrics(meters, _time);
        var calls = new ClusterCalls(Options.Create(new ServerSessionOptions()), _time, metrics, NullLogger<ClusterCalls>.Instance);
        _store = new GrainSessionStore(FakeFactory.Of(_grain), calls);
        _besideSilo = new GrainSessionStore(FakeFactory.Of(_grain), calls, _local);
    }

    private static CommitSession Commit() => new() { Verifier = SessionVerifier.New().Hash(), Operation = OperationId.New(), IssuedAt = DateTimeOffset.UnixEpoch, MayRepeat = false };

    public static TheoryData<string> Transient => new("time-out", "unavailable", "silo", "gateway");

    private static Exception FailureOf(string name) => name switch
    {
        "time-out" => new TimeoutException(),
        "unavailable" => new SessionUnavailableException(),
        "silo" => new SiloUnavailableException(),
        _ => new GatewayTooBusyException(),
    };

    [Theory]
    [MemberData(nameof(Transient))]
    public async Task Commit_transientFailure_isRepeatedAsTheSameOperation(string failure)
    {
        _grain.Failures = new([FailureOf(failure), FailureOf(failure)]);
        var commit = Commit();

        var reply = await _store.CommitAsync(SessionId.New(), commit, CancellationToken.None);

        Assert.Equal(SessionOutcome.Committed, reply.Outcome);
        Assert.Equal(3, _grain.Requests.Count);
        Assert.All(_grain.Requests, request => Assert.Same(commit, request));
    }

    [Fact]
    public async Task Commit_givenToTheGrain_isMarkedAsRepeatableBeforeAnythingCanArrive()
    {
        var commit = Commit();
        _grain.OnCommit = static request => Assert.True(request.MayRepeat);

        await _store.CommitAsync(SessionId.New(), commit, CancellationToken.None);

        Assert.Single(_grain.Requests);
    }

    [Fact]
    public async Task Commit_besideTheSilo_isNotRepeatableWhereItsCallerWaitsForTheAnswer()
    {
        var commit = Commit();

        await _besideSilo.CommitAsync(SessionId.New(), commit, CancellationToken.None);

        Assert.Equal([(commit, false)], _local.Commits);
        Assert.Empty(_grain.Requests);
    }

    /// <summary>A caller that stopped waiting once committed twice: its operation was forgotten with the next one, as if it had its answer.</summary>
    [Fact]
    public async Task Commit_besideTheSilo_isRepeatableWhereItsCallerMayStopWaiting()
    {
        using var cancel = new CancellationTokenSource();
        var commit = Commit();

        await _besideSilo.CommitAsync(SessionId.New(), commit, cancel.Token);

        Assert.Equal([(commit, true)], _local.Commits);
    }

    [Fact]
    public void Commit_madeByOthers_isRepeatable() =>
        Assert.True(new CommitSession { Verifier = SessionVerifier.New().Hash(), Operation = OperationId.New(), IssuedAt = DateTimeOffset.UnixEpoch }.MayRepeat);

    [Theory]
    [MemberData(nameof(Transient))]
    public async Task Create_transientFailure_isNotRepeated(string failure)
    {
        _grain.Failures = new([FailureOf(failure)]);
        var create = new CreateSession { Verifier = SessionVerifier.New().Hash(), Terms = SessionTerms.Default, IssuedAt = _time.GetUtcNow() };

        await Assert.ThrowsAsync<SessionUnavailableException>(async () => await _store.CreateAsync(SessionId.New(), create, CancellationToken.None));

        Assert.Single(_grain.Requests);
    }

    [Fact]
    public async Task Open_alwaysFailing_endsWithinTheBudget()
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
    public async Task Open_otherOrleansFailure_isUnavailableAtOnce()
    {
        _grain.Failures = new([new OrleansException("codec")]);

        var exception = await Assert.ThrowsAsync<SessionUnavailableException>(
            async () => await _store.OpenAsync(SessionId.New(), SessionVerifier.New().Hash(), OpenMode.Touch, CancellationToken.None));

        Assert.IsType<OrleansException>(exception.InnerException);
        Assert.Single(_grain.Requests);
    }

    [Fact]
    public async Task Commit_late_isForTheCallerToJudge()
    {
        _grain.Outcome = SessionOutcome.Late;

        Assert.Equal(SessionOutcome.Late, (await _store.CommitAsync(SessionId.New(), Commit(), CancellationToken.None)).Outcome);
        Assert.Single(_grain.Requests);
    }

    [Theory]
    [InlineData(0, SessionOutcome.Gone)]
    [InlineData(1, SessionOutcome.Destroyed)]
    public async Task Destroy_gone_countsAsDestroyedOnARepeatOnly(int failures, SessionOutcome expected)
    {
        _grain.Failures = new(Enumerable.Repeat<Exception>(new TimeoutException(), failures));
        _grain.Outcome = SessionOutcome.Gone;

        var reply = await _store.DestroyAsync(SessionId.New(), new DestroySession(), CancellationToken.None);

        Assert.Equal(expected, reply.Outcome);
    }

    [Fact]
    public async Task Open_cancelled_stopsWaiting()
    {
        using var cancel = new CancellationTokenSource();
        _grain.Hang = new TaskCompletionSource().Task;
        var open = _store.OpenAsync(SessionId.New(), SessionVerifier.New().Hash(), OpenMode.Touch, cancel.Token).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => open);
    }

    private sealed class FakeGrain : ISessionGrain
    {
        public Queue<Exception> Failures { get; set; } = new();

        public SessionOutcome Outcome { get; set; } = SessionOutcome.Committed;

        public Task Hang { get; set; } = Task.CompletedTask;

        public List<object> Requests { get; } = [];

        public ValueTask<SessionReply> CreateAsync(CreateSession request) => Answer(request);

        public ValueTask<SessionReply> OpenAsync(VerifierHash verifier, OpenMode mode) => Answer(mode);

        public Action<CommitSession>? OnCommit { get; set; }

        public ValueTask<SessionReply> CommitAsync(CommitSession request)
        {
            OnCommit?.Invoke(request);
            return Answer(request);
        }

        public ValueTask<SessionReply> DestroyAsync(DestroySession request) => Answer(request);

        public ValueTask<ExpiryReply> ExpireIfDueAsync() => throw new NotSupportedException();

        private async ValueTask<SessionReply> Answer(object request)
        {
            Requests.Add(request);
            await Hang;
            return Failures.TryDequeue(out var failure) ? throw failure : SessionReply.Of(Outcome);
        }
    }

    private sealed class FakeLocal : ILocalSessions
    {
        public List<(CommitSession Request, bool MayRepeat)> Commits { get; } = [];

        public bool TryOpen(SessionId id, VerifierHash verifier, OpenMode mode, out SessionReply reply)
        {
            reply = default;
            return false;
        }

        public bool TryCommit(SessionId id, CommitSession request, out ValueTask<SessionReply> reply)
        {
            Commits.Add((request, request.MayRepeat));
            reply = new(SessionReply.Of(SessionOutcome.Committed));
            return true;
        }
    }

    public class FakeFactory : DispatchProxy
    {
        private object? _grain;

        public static IGrainFactory Of(object grain)
        {
            var factory = Create<IGrainFactory, FakeFactory>();
            ((FakeFactory)(object)factory)._grain = grain;
            return factory;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _grain;
    }
}
