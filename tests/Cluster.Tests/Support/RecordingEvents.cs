using System.Collections.Concurrent;

namespace ServerSession.Tests.Support;

/// <summary>Remembers the events of all silos.</summary>
public sealed class RecordingEvents : ISessionEventHandler
{
    private readonly ConcurrentQueue<(SessionId Id, string What)> _events = new();

    public IEnumerable<string> Of(SessionId id) => _events.Where(item => item.Id == id).Select(item => item.What);

    /// <summary>Waits until a session had as many events, and checks that it had these; silos tell theirs at their own pace, so in any order.</summary>
    public async Task HeardAsync(SessionId id, params string[] expected)
    {
        await SessionCluster.UntilAsync(() => Task.FromResult(Of(id).Count() >= expected.Length), $"the handler heard {string.Join(", ", expected)}");
        Assert.Equal(expected.Order(StringComparer.Ordinal), Of(id).Order(StringComparer.Ordinal));
    }

    public ValueTask OnCreatedAsync(SessionId id, CancellationToken cancellationToken) => Note(id, "created");

    public ValueTask OnEndedAsync(SessionId id, SessionEndReason reason, CancellationToken cancellationToken) => Note(id, $"ended: {reason}");

    public ValueTask OnStaleTokenAsync(SessionId id, CancellationToken cancellationToken) => Note(id, "stale token");

    public ValueTask OnBoundAsync(SessionId id, SubjectKey subject, CancellationToken cancellationToken) => Note(id, $"bound: {subject}");

    public ValueTask OnUnboundAsync(SessionId id, SubjectKey subject, CancellationToken cancellationToken) => Note(id, $"unbound: {subject}");

    public ValueTask OnRotatedAsync(SessionId id, CancellationToken cancellationToken) => Note(id, "rotated");

    public ValueTask OnSubjectLimitAsync(SessionId id, SubjectKey subject, SubjectLimitPolicy policy, CancellationToken cancellationToken) => Note(id, $"limit: {policy} {subject}");

    private ValueTask Note(SessionId id, string what)
    {
        _events.Enqueue((id, what));
        return ValueTask.CompletedTask;
    }
}
