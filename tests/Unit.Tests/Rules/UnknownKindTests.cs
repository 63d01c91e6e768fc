using System.Reflection;

namespace ServerSession.Tests.Rules;

/// <summary>What a newer version sends is refused by an older one, never taken for something else.</summary>
public sealed class UnknownKindTests
{
    /// <summary>An unknown kind used to count as atomic, because it is greater than the known ones.</summary>
    [Fact]
    public void IsAtomic_of_an_unknown_kind_is_refused() => Assert.Throws<NotSupportedException>(static () => Change((SessionChangeKind)200).IsAtomic);

    [Fact]
    public void IsAtomic_of_each_known_kind_is_known() =>
        Assert.Equal(
            [SessionChangeKind.Increment, SessionChangeKind.GetOrSet, SessionChangeKind.CompareAndSet, SessionChangeKind.Take, SessionChangeKind.Append],
            Enum.GetValues<SessionChangeKind>().Where(static kind => Change(kind).IsAtomic));

    [Fact]
    public void Apply_of_an_unknown_kind_is_a_mismatch_and_changes_nothing()
    {
        var edit = SessionDataEditor.Apply(SessionData.Empty, [Change((SessionChangeKind)200)], SessionLimits.Default);

        Assert.Equal(SessionOutcome.Mismatch, edit.Outcome);
        Assert.Equal(0, edit.Data.Count);
    }

    /// <summary>An unknown mode used to extend the session.</summary>
    [Fact]
    public void Touches_of_an_unknown_mode_is_refused()
    {
        Assert.True(OpenMode.Touch.Touches());
        Assert.False(OpenMode.Peek.Touches());
        Assert.Throws<ArgumentOutOfRangeException>(static () => ((OpenMode)2).Touches());
    }

    /// <summary>An unknown event used to reach OnStaleTokenAsync.</summary>
    [Fact]
    public async Task Dispatch_of_an_unknown_event_is_refused_and_reaches_no_handler()
    {
        var handler = new Recorder();

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await SessionEvents.DispatchAsync(handler, new SessionEvent((SessionEventKind)99, SessionId.New(), default)));
        Assert.Empty(handler.Calls);

        foreach (var kind in Enum.GetValues<SessionEventKind>())
        {
            await SessionEvents.DispatchAsync(handler, new SessionEvent(kind, SessionId.New(), default));
        }

        Assert.Equal(Enum.GetNames<SessionEventKind>(), handler.Calls);
    }

    private static SessionChange Change(SessionChangeKind kind) => (SessionChange)typeof(SessionChange)
        .GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic).Single()
        .Invoke([kind, "key", null, null, 0L]);

    private sealed class Recorder : ISessionEventHandler
    {
        public List<string> Calls { get; } = [];

        public ValueTask OnCreatedAsync(SessionId id, CancellationToken cancellationToken) => Note("Created");

        public ValueTask OnEndedAsync(SessionId id, SessionEndReason reason, CancellationToken cancellationToken) => Note("Ended");

        public ValueTask OnStaleTokenAsync(SessionId id, CancellationToken cancellationToken) => Note("StaleToken");

        public ValueTask OnBoundAsync(SessionId id, SubjectKey subject, CancellationToken cancellationToken) => Note("Bound");

        public ValueTask OnUnboundAsync(SessionId id, SubjectKey subject, CancellationToken cancellationToken) => Note("Unbound");

        public ValueTask OnRotatedAsync(SessionId id, CancellationToken cancellationToken) => Note("Rotated");

        public ValueTask OnSubjectLimitAsync(SessionId id, SubjectKey subject, SubjectLimitPolicy policy, CancellationToken cancellationToken) => Note("SubjectLimit");

        private ValueTask Note(string call)
        {
            Calls.Add(call);
            return default;
        }
    }
}
