namespace ServerSession.Tests;

/// <summary>Holds what the store is asked to keep until the test lets it go, well or badly.</summary>
internal sealed class CommitGate : IDisposable
{
    private readonly ScriptedStore _store;
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CommitGate(ScriptedStore store)
    {
        _store = store;
        _store.Calls.Clear();
        _store.Before = operation =>
        {
            if (operation is not ("commit" or "create"))
            {
                return Task.CompletedTask;
            }

            _entered.TrySetResult();
            return _end.Task;
        };
    }

    public Task Entered => _entered.Task;

    public void Release() => _end.TrySetResult();

    public void Fail() => _end.TrySetException(new SessionUnavailableException());

    public void Dispose()
    {
        Release();
        _store.Before = static _ => Task.CompletedTask;
    }
}
