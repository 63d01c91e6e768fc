using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using ServerSession.Tests.Storage;
using ServerSession.Tests.Support;

namespace ServerSession.Tests;

/// <summary>What observers inside a silo hear of a session's life, and that they cannot disturb it.</summary>
public class SessionObserverTests
{
    [Fact]
    public async Task Life_of_a_session_over_two_activations_is_told_once_and_in_order()
    {
        var recorder = new Recorder();
        await using var cluster = await StartAsync(recorder);
        var session = await cluster.CreateAsync();
        var change = session.CommitRequest(SessionDriver.Set("a", "1"));
        await session.Grain.CommitAsync(change);
        await session.Grain.CommitAsync(change);
        await session.CommitAsync(SessionChange.Append("a", new byte[1], 5));
        await session.RotateAsync();
        await session.OpenAsync();
        await cluster.DeactivateAsync(session.Id);
        await session.OpenAsync();
        await session.DestroyAsync();
        await cluster.DeactivateAsync(session.Id);

        Assert.Equal(
            ["created 1", "activated 1", "changed 2", "rotated 3", "changed 3", "deactivated", "activated 3", "ended Destroyed"],
            recorder.Of(session.Id));
    }

    [Fact]
    public async Task Session_that_never_was_or_is_due_when_it_is_read_is_told_as_what_it_is()
    {
        var recorder = new Recorder();
        await using var cluster = await StartAsync(recorder);
        var absent = cluster.NewSession();
        await absent.OpenAsync();
        var due = await cluster.CreateAsync(new SessionTerms { IdleTimeout = TimeSpan.FromMinutes(1) });
        await cluster.DeactivateAsync(due.Id);
        cluster.Clock.Advance(TimeSpan.FromMinutes(2));
        await due.OpenAsync();

        Assert.Empty(recorder.Of(absent.Id));
        Assert.Equal(["created 1", "activated 1", "deactivated", "activated 1", "ended Expired"], recorder.Of(due.Id));
    }

    /// <summary>The answer of the write is lost: who watched the first activation hears that it left, and the repeat finds what was committed.</summary>
    [Fact]
    public async Task Commit_whose_write_is_in_doubt_is_told_when_its_outcome_is_known()
    {
        var recorder = new Recorder();
        await using var cluster = await StartAsync(recorder);
        var session = await cluster.CreateAsync();
        var armed = 1;
        cluster.Store.AfterAsync = operation => operation.Kind == StorageOperationKind.Write && Interlocked.Exchange(ref armed, 0) == 1
            ? throw new IOException("The answer is lost.")
            : ValueTask.CompletedTask;

        var reply = await session.CommitWithRetriesAsync(SessionDriver.Set("a", "1"));

        Assert.Equal(SessionOutcome.Committed, reply.Outcome);
        Assert.Equal(["created 1", "activated 1", "deactivated", "activated 2"], recorder.Of(session.Id));
    }

    [Fact]
    public async Task Observer_that_throws_at_every_event_breaks_no_operation()
    {
        var recorder = new Recorder();
        await using var cluster = await SessionCluster.StartAsync(1, null, silo =>
            silo.Services.AddSingleton<ISessionObserver, Broken>().AddSingleton<ISessionObserver>(recorder));
        var session = await cluster.CreateAsync();

        Assert.Equal(SessionOutcome.Committed, (await session.SetAsync("a", "1")).Outcome);
        Assert.Equal(SessionOutcome.Committed, (await session.RotateAsync()).Outcome);
        await cluster.DeactivateAsync(session.Id);
        Assert.Equal("1", await session.ReadAsync("a"));
        Assert.Equal(SessionOutcome.Destroyed, (await session.DestroyAsync()).Outcome);

        Assert.Equal(
            ["created 1", "activated 1", "changed 2", "rotated 3", "changed 3", "deactivated", "activated 3", "ended Destroyed"],
            recorder.Of(session.Id));
    }

    private static Task<SessionCluster> StartAsync(Recorder recorder) =>
        SessionCluster.StartAsync(1, null, silo => silo.Services.AddSingleton<ISessionObserver>(recorder));

    private sealed class Recorder : ISessionObserver
    {
        private readonly ConcurrentQueue<(SessionId Id, string What)> _heard = new();

        public IEnumerable<string> Of(SessionId id) => _heard.Where(item => item.Id == id).Select(item => item.What);

        public void Created(in ObservedSession session) => Note(session.Id, $"created {session.Snapshot.Version}");

        public void Activated(in ObservedSession session) => Note(session.Id, $"activated {session.Snapshot.Version}");

        public void Changed(in ObservedSession session) => Note(session.Id, $"changed {session.Snapshot.Version}");

        public void Rotated(in ObservedSession session) => Note(session.Id, $"rotated {session.Snapshot.Version}");

        public void Ended(SessionId id, SessionEndReason reason) => Note(id, $"ended {reason}");

        public void Deactivated(SessionId id) => Note(id, "deactivated");

        private void Note(SessionId id, string what) => _heard.Enqueue((id, what));
    }

    private sealed class Broken : ISessionObserver
    {
        public void Created(in ObservedSession session) => throw new InvalidOperationException("The observer is broken.");

        public void Activated(in ObservedSession session) => throw new InvalidOperationException("The observer is broken.");

        public void Changed(in ObservedSession session) => throw new InvalidOperationException("The observer is broken.");

        public void Rotated(in ObservedSession session) => throw new InvalidOperationException("The observer is broken.");

        public void Ended(SessionId id, SessionEndReason reason) => throw new InvalidOperationException("The observer is broken.");

        public void Deactivated(SessionId id) => throw new InvalidOperationException("The observer is broken.");
    }
}
