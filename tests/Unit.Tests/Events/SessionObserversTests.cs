using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Events;

/// <summary>One list of observers for a silo: it costs a session nothing, and no observer can break the others or the session.</summary>
public class SessionObserversTests
{
    private static ObservedSession Observed => new(Sample.Id, new Session().State, Sample.Now);

    [Fact]
    public void Event_of_any_kind_reaches_each_observer_in_the_order_of_registration()
    {
        var heard = new List<string>();
        var observers = new SessionObservers([new Recorder("a", heard), new Recorder("b", heard)], NullLogger<SessionObservers>.Instance);

        TellAll(observers);

        string[] kinds = ["created 1", "activated 1", "changed 1", "rotated 1", "stale True", "ended Expired", "deactivated"];
        Assert.Equal(kinds.SelectMany(kind => new[] { $"a {kind}", $"b {kind}" }), heard);
    }

    [Fact]
    public void Event_at_an_observer_that_throws_is_logged_and_reaches_the_others()
    {
        var heard = new List<string>();
        var log = new CountingLogger();
        var observers = new SessionObservers([new Broken(), new Recorder("b", heard)], log);

        TellAll(observers);

        Assert.Equal(7, heard.Count);
        Assert.Equal(7, log.Errors);
    }

    [Fact]
    public void Event_that_nobody_cares_for_allocates_nothing()
    {
        var observers = new SessionObservers([new Indifferent(), new Indifferent()], NullLogger<SessionObservers>.Instance);
        var observed = Observed;
        TellAll(observers);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 100; round++)
        {
            observers.Changed(in observed);
            observers.Rotated(in observed);
            observers.StaleToken(Sample.Id, graceIsOver: false);
            observers.Deactivated(Sample.Id);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void TellAll(SessionObservers observers)
    {
        var observed = Observed;
        observers.Created(in observed);
        observers.Activated(in observed);
        observers.Changed(in observed);
        observers.Rotated(in observed);
        observers.StaleToken(Sample.Id, graceIsOver: true);
        observers.Ended(Sample.Id, SessionEndReason.Expired);
        observers.Deactivated(Sample.Id);
    }

    private sealed class Indifferent : ISessionObserver;

    private sealed class Recorder(string name, List<string> heard) : ISessionObserver
    {
        public void Created(in ObservedSession session) => heard.Add($"{name} created {session.Snapshot.Version}");

        public void Activated(in ObservedSession session) => heard.Add($"{name} activated {session.Snapshot.Version}");

        public void Changed(in ObservedSession session) => heard.Add($"{name} changed {session.Snapshot.Version}");

        public void Rotated(in ObservedSession session) => heard.Add($"{name} rotated {session.Snapshot.Version}");

        public void StaleToken(SessionId id, bool graceIsOver) => heard.Add($"{name} stale {graceIsOver}");

        public void Ended(SessionId id, SessionEndReason reason) => heard.Add($"{name} ended {reason}");

        public void Deactivated(SessionId id) => heard.Add($"{name} deactivated");
    }

    private sealed class Broken : ISessionObserver
    {
        public void Created(in ObservedSession session) => throw new InvalidOperationException();

        public void Activated(in ObservedSession session) => throw new InvalidOperationException();

        public void Changed(in ObservedSession session) => throw new InvalidOperationException();

        public void Rotated(in ObservedSession session) => throw new InvalidOperationException();

        public void StaleToken(SessionId id, bool graceIsOver) => throw new InvalidOperationException();

        public void Ended(SessionId id, SessionEndReason reason) => throw new InvalidOperationException();

        public void Deactivated(SessionId id) => throw new InvalidOperationException();
    }

    private sealed class CountingLogger : ILogger<SessionObservers>
    {
        public int Errors { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Errors += logLevel == LogLevel.Error && exception is InvalidOperationException ? 1 : 0;
    }
}
