using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using static ServerSession.Tests.GrainStoreFakes;

namespace ServerSession.Tests;

/// <summary>A frontend that serves before its Orleans client has connected: every call waits for that within its caller's budget, and asks, logs and counts nothing meanwhile.</summary>
public sealed class NotConnectedTests : IDisposable
{
    private static readonly SessionId Id = SessionId.New();
    private static readonly VerifierHash Verifier = SessionVerifier.New().Hash();
    private static readonly SubjectKey User = SubjectKey.FromGrainKey(Guid.NewGuid());
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(6);

    private readonly TestClock _time = new();
    private readonly FakeConnection _connection = new();
    private readonly FakeLogger<ClusterCalls> _log = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MetricCollector<long> _retries;
    private readonly ClosedFactory _grains;
    private readonly IGrainFactory _factory = DispatchProxy.Create<IGrainFactory, ClosedFactory>();

    public NotConnectedTests()
    {
        _grains = (ClosedFactory)(object)_factory;
        _grains.Connection = _connection;
        _retries = new MetricCollector<long>(Meters, ServerSessionMetrics.MeterName, "server_session.retries");
    }

    public static TheoryData<string> Operations =>
        new("open", "create", "commit", "destroy", "watch", "watched open", "keys", "subject secret", "list", "end one", "end", "end all");

    private IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    private ClusterCalls Calls(TimeSpan budget) =>
        new(Options.Create(new ServerSessionOptions { RetryBudget = budget }), _time, new ServerSessionMetrics(Meters, _time), _log, _connection);

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Operation_before_the_frontend_is_connected_is_sent_once_it_is(string operation)
    {
        var call = RunAsync(operation, Calls(Budget));
        await _time.WaitedAsync(Budget);
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(call.IsCompleted);
        Assert.Equal(0, _grains.Refused);

        _connection.Open();
        await call;

        Assert.Equal(0, _grains.Refused);
        Assert.NotEqual(0, _grains.Named);
        AssertQuiet();
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Operation_of_a_frontend_that_does_not_connect_ends_with_the_budget_and_says_why(string operation)
    {
        _time.JumpsWaits = true;
        var began = _time.GetUtcNow();

        var failure = await Assert.ThrowsAsync<SessionUnavailableException>(() => RunAsync(operation, Calls(Budget)));

        Assert.Equal("This frontend is not connected to the session cluster yet.", failure.Message);
        Assert.Equal(operation == "watch" ? CallBudget.CallTimeout : Budget, _time.GetUtcNow() - began);
        AssertQuiet();
    }

    [Fact]
    public async Task Operation_without_a_budget_for_repeats_does_not_wait_for_the_connection()
    {
        await Assert.ThrowsAsync<SessionUnavailableException>(() => RunAsync("open", Calls(TimeSpan.Zero)));

        AssertQuiet();
    }

    [Fact]
    public async Task Operation_of_a_frontend_that_stops_before_it_has_connected_ends_at_once()
    {
        var call = RunAsync("open", Calls(Budget));

        _connection.Close();

        await Assert.ThrowsAsync<SessionUnavailableException>(() => call);
        AssertQuiet();
    }

    [Fact]
    public async Task Operation_that_is_cancelled_before_the_frontend_is_connected_stops_waiting()
    {
        using var cancel = new CancellationTokenSource();
        var open = new GrainSessionStore(_factory, Calls(Budget)).OpenAsync(Id, Verifier, OpenMode.Touch, cancel.Token).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => open);
    }

    [Fact]
    public async Task Id_that_is_needed_before_the_frontend_is_connected_is_fetched_once_it_is()
    {
        var id = new ReservedSessionIds(_factory, Options.Create(new ServerSessionOptions()), _time, _connection).TakeAsync().AsTask();
        Assert.False(id.IsCompleted);

        _connection.Close();

        // The factory has refused it: it was asked, and not before.
        await Assert.ThrowsAsync<SessionUnavailableException>(() => id);
        Assert.Equal(1, _grains.Refused);
    }

    public void Dispose()
    {
        _retries.Dispose();
        _services.Dispose();
    }

    private void AssertQuiet()
    {
        Assert.Empty(_log.Collector.GetSnapshot());
        Assert.Empty(_retries.GetMeasurementSnapshot());
    }

    private async Task RunAsync(string operation, ClusterCalls calls)
    {
        var now = _time.GetUtcNow();
        var sessions = new GrainSessionStore(_factory, calls);
        using var watch = new ClusterWatch(_factory, calls, _time);
        using var near = new AspNetCore.NearCache(watch, _factory, calls, Options.Create(new ServerSessionOptions()), new NearCacheMetrics(Meters), _time);
        var subjects = new GrainSubjectStore(_factory, calls, _time, near);
        switch (operation)
        {
            case "open":
                await sessions.OpenAsync(Id, Verifier, OpenMode.Touch, CancellationToken.None);
                break;
            case "create":
                await sessions.CreateAsync(Id, new CreateSession { Verifier = Verifier, Terms = SessionTerms.Default, IssuedAt = now }, CancellationToken.None);
                break;
            case "commit":
                await sessions.CommitAsync(Id, new CommitSession { Verifier = Verifier, Operation = OperationId.New(), IssuedAt = now }, CancellationToken.None);
                break;
            case "destroy":
                await sessions.DestroyAsync(Id, new DestroySession { Verifier = Verifier }, CancellationToken.None);
                break;
            case "watch":
                await watch.AskAsync(Id, Verifier);
                break;
            case "watched open":
                await watch.OpenAsync(Id, Verifier, OpenMode.Touch, stamp: 0, CancellationToken.None);
                break;
            case "keys":
                await new GrainSigningKeys(_factory, calls).GetAsync();
                break;
            case "subject secret":
                await subjects.GetSecretAsync(CancellationToken.None);
                break;
            case "list":
                await subjects.ListAsync(User, before: null, 1, CancellationToken.None);
                break;
            case "end one":
                await subjects.EndOneAsync(User, Id, CancellationToken.None);
                break;
            case "end":
                await subjects.EndAsync(User, keep: null, CancellationToken.None);
                break;
            case "end all":
                await subjects.EndAllAsync(CancellationToken.None);
                break;
            default:
                throw new NotSupportedException(operation);
        }
    }

    /// <summary>Refuses to name a grain while the frontend is not connected; each grain answers every call with the default.</summary>
    public class ClosedFactory : DispatchProxy
    {
        private int _refused;
        private int _named;

        internal IClusterConnection? Connection { get; set; }

        public int Refused => _refused;

        public int Named => _named;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (!Connection!.IsOpen)
            {
                Interlocked.Increment(ref _refused);
                throw new SessionUnavailableException("The factory was asked.");
            }

            Interlocked.Increment(ref _named);
            var type = targetMethod!.ReturnType;
            return targetMethod.Name == "CreateObjectReference" ? args![0]
                : type == typeof(ISigningKeyGrain) ? new FakeKeys { Answers = new([new TokenSigningKeyRing([new TokenSigningKey(new byte[32], DateTimeOffset.MinValue, DateTimeOffset.MaxValue)])]) }
                : Create(type, typeof(DefaultGrain));
        }
    }

    public class DefaultGrain : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Activator.CreateInstance(targetMethod!.ReturnType);
    }
}
