using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Sessions;

/// <summary>What the sessions of a silo share, without a silo: a store in memory, a clock that only the test moves, a fence that it closes.</summary>
internal sealed class SessionHarness : IDisposable
{
    private readonly SessionStorage _storage;
    private readonly ExpiryWheel _wheel;
    private ulong _sequence;

    public SessionHarness(Action<SessionGrainOptions>? configure = null)
    {
        var values = new SessionGrainOptions();
        configure?.Invoke(values);
        var options = Microsoft.Extensions.Options.Options.Create(values);
        var clock = new SessionClock(Clock) { Monotonic = Clock };
        var instruments = new SessionMetrics(new Meters());
        _storage = new SessionStorage(Rows, clock, options, instruments, new StateNames("memory", "service"), NullLogger<SessionStorage>.Instance);
        _wheel = new ExpiryWheel(clock, options, NullLogger<ExpiryWheel>.Instance);
        var epoch = new ClusterEpoch();
        epoch.Learn(0);
        var observers = new SessionObservers([], NullLogger<SessionObservers>.Instance);
        Local = new LocalSessions(Fence, epoch, clock, options);
        Services = new SessionGrainServices(
            _storage, Fence, Local, observers, clock, _wheel, handover: null!, Registration,
            new SubjectBinder(null!, observers, NullLogger<SubjectBinder>.Instance), epoch,
            runtime: null!, timers: null!, grains: null!, options, NullLogger<SessionGrain>.Instance);
    }

    public MemoryRows Rows { get; } = new();

    public FakeTimeProvider Clock { get; } = new(Sample.Now);

    public Switch Fence { get; } = new();

    public Registrations Registration { get; } = new();

    public LocalSessions Local { get; }

    public SessionGrainServices Services { get; }

    public VerifierHash Verifier { get; } = Sample.Verifier.Hash();

    /// <summary>A fresh activation of the same session.</summary>
    public Activation Activate() => new(this);

    /// <summary>An activation with the created session.</summary>
    public async Task<Activation> CreateAsync(SessionTerms? terms = null)
    {
        var activation = Activate();
        Assert.Equal(SessionOutcome.Created, (await activation.Session.CreateAsync(CreateRequest(terms))).Outcome);
        return activation;
    }

    public CreateSession CreateRequest(SessionTerms? terms = null) => new()
    {
        Verifier = Verifier,
        Terms = terms ?? SessionTerms.Default,
        IssuedAt = Clock.GetUtcNow(),
        IsIdRegistered = true,
    };

    public CommitSession Increment(string key = "n") => new()
    {
        Verifier = Verifier,
        Operation = new OperationId(7, ++_sequence),
        IssuedAt = Clock.GetUtcNow(),
        Changes = [SessionChange.Increment(key)],
        WantSnapshot = true,
    };

    public void Dispose()
    {
        _storage.Dispose();
        _wheel.Dispose();
    }

    internal sealed class Switch : ISiloFence
    {
        public bool IsFresh { get; set; } = true;
    }

    internal sealed class Registrations : IExpiryRegistration
    {
        public bool Fails { get; set; }

        public int Count { get; private set; }

        public Task RegisterAsync(SessionId id)
        {
            Count++;
            return Fails ? throw new SessionUnavailableException("The id could not be registered.") : Task.CompletedTask;
        }

        public Task RegisterAsync(SubjectKey subject) => Task.CompletedTask;
    }

    private sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }

    /// <summary>An activation that only notes what the session asks of it.</summary>
    internal sealed class Activation : ISessionActivation
    {
        private readonly SessionHarness _harness;

        public Activation(SessionHarness harness)
        {
            _harness = harness;
            Session = new SessionInstance(this);
        }

        public SessionInstance Session { get; }

        public GrainId GrainId { get; } = GrainId.Create(GrainType.Create("session"), GrainIdKeyExtensions.CreateGuidKey(Sample.Id.ToGrainKey()));

        public SessionGrainServices Services => _harness.Services;

        public bool IsIdle { get; private set; }

        public bool IsInDoubt { get; private set; }

        public TimeSpan Delay { get; private set; }

        /// <summary>The flush timer that runs; null where none does.</summary>
        public TimeSpan? Flush { get; private set; }

        public ValueTask<SessionReply> OpenAsync(OpenMode mode = OpenMode.Touch) => Session.OpenAsync(_harness.Verifier, mode);

        public ValueTask<SessionReply> DestroyAsync() => Session.DestroyAsync(new DestroySession { Verifier = _harness.Verifier });

        public ValueTask<ExpiryReply> ExpireIfDueAsync() => Services.Upkeep.ExpireIfDueAsync(Session);

        public Task FlushAsync() => Services.Upkeep.FlushAsync(Session);

        public void DelayDeactivation(TimeSpan time) => Delay = time;

        public void DeactivateWhenIdle() => IsIdle = true;

        public void DeactivateInDoubt() => IsInDoubt = true;

        public IDisposable StartFlushTimer(TimeSpan due)
        {
            Flush = due;
            return new Timer(this);
        }

        Task IExpiring.ExpireIfDueAsync() => ExpireIfDueAsync().AsTask();

        private sealed class Timer(Activation activation) : IDisposable
        {
            public void Dispose() => activation.Flush = null;
        }
    }
}
