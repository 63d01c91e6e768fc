namespace ServerSession.Tests.Secrecy;

/// <summary>Tells when a session expired and when a replaced token was used; and fails as an application's handler may, with the id in its message.</summary>
public sealed class EndingEvents : ISessionEventHandler
{
    private readonly TaskCompletionSource _expired = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stale = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Expired => _expired.Task;

    public Task StaleToken => _stale.Task;

    public ValueTask OnCreatedAsync(SessionId id, CancellationToken cancellationToken) => throw new InvalidOperationException($"No room for {id}.");

    public ValueTask OnEndedAsync(SessionId id, SessionEndReason reason, CancellationToken cancellationToken)
    {
        if (reason == SessionEndReason.Expired)
        {
            _expired.TrySetResult();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask OnStaleTokenAsync(SessionId id, CancellationToken cancellationToken)
    {
        _stale.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
